"""From what a reply means to the answers that the open question knows: pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from outreach.conversations.flow import AskKind
from outreach.conversations.given_answers import agreed, email, language, name, option, rating, zip_code
from outreach.conversations.signals import Replied
from outreach.understanding import Intent, Reading

LOW, HIGH = 2, 4
# Questions at which a number is a firm answer, and so no number that comes with a maybe.
BOOKS = frozenset({"yes or no", "coming"})
LATER = re.compile(r"\W*(?:later|luego)\W*", re.IGNORECASE)
# “0”, “nothing”, “none yet”: a no to whatever is asked for, where it can be given or not.
NOTHING = re.compile(
    r"\W*(?:0|zero|cero|o|nothing|none|nada|ningun[oa])(?: yet| todav[ií]a| a[uú]n| por ahora)?\W*", re.IGNORECASE
)
NEED_NOT_BE_GIVEN: frozenset[AskKind] = frozenset({"free text", "name", "zip", "email"})
# “Sí fui” is no yes to what comes next.
ATTENDED = re.compile(
    r"\b(?:i (?:did (?:come|go|attend|make it)|(?:really |totally )?(?:was (?:there|here)|came|went|attended))"
    r"|(?:s[ií]|yo) (?:s[ií] )?(?:fui|vine|estuve|asist[ií]))\b",
    re.IGNORECASE,
)
# Our own texts speak of another time; whoever says only that is asked which.
ANOTHER_TIME = re.compile(
    r"\W*(?:(?:maybe|tal vez|mejor|yes|s[ií])\W+)?(?:another|a different|some other|otr[oa]s?|the|el|la)\W+"
    r"(?:day or time|day|date|time|d[ií]a|fecha|hora|horario)s?(?:\W+(?:please|por favor|would be better))?\W*",
    re.IGNORECASE,
)
# A no that tells of what was names no times to come.
PAST = re.compile(r"\b(?:was|were|had|got|tuve|estuve|estaba|sal[ií])\b", re.IGNORECASE)
# How the rule begins of a reading that no rule of the first reader made.
GUESSED = "second reader"
# A no to "do you need anything?" that is about coming at all.
NOT_COMING = re.compile(
    r"(?:can['\u2019]?t|cannot|won['\u2019]?t) (?:come|make|go|be there|attend)|not (?:coming|going|able)"
    r"|no (?:voy|puedo|podr[eé]|ir[eé])\b",
    re.IGNORECASE,
)

# The answer that an intent is, where the question knows it; the order of a Reading's intents is kept.
KINDS = {
    Intent.YES: "yes",
    Intent.NO: "no",
    Intent.MAYBE: "maybe",
    Intent.AVAILABILITY: "availability",
    Intent.RESCHEDULE: "availability",
    Intent.SNOOZE: "snooze",
    Intent.NEED: "need",
    Intent.QUESTION: "question",
    Intent.WHO: "question",
    Intent.CALLBACK: "callback",
    Intent.THANKS: "thanks",
    Intent.ATTENDED: "attended",
}

# What is no more than a wish to be asked later, where a day to ask again on is all that they say of when.
OPEN_TO_LATER = frozenset({Intent.AVAILABILITY, Intent.RESCHEDULE, Intent.MAYBE, Intent.NO})


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to take a reply; `sessions` are the chosen ones, `until` the day (ISO 8601) before which not to ask.

    `said` is what the reply gives to keep: a rating, a name, a ZIP code.
    """

    kind: str
    sessions: tuple[int, ...] = ()
    until: str = ""
    said: Mapping[str, object] = field(default_factory=dict)


def answers_of(
    ask: AskKind, reply: Replied, menu: Sequence[int], free: Sequence[int], options: Sequence[str] = ()
) -> Iterator[Answer]:
    """Yield the ways to take a reply to this kind of question, the likeliest first.

    `menu` holds the sessions by their numbers, `free` those of them with seats left, `options` the numbered choices.
    """
    yield from _by_the_words(ask, reply)
    yield from _outright(ask, reply, menu, free, options)
    if ask in {"free text", "availability"} and until_named(reply.reading):
        yield Answer("snooze", until=until_named(reply.reading))
    if ask == "free text" and reply.reading.needs:
        yield Answer("need")
    for intent in _intents(reply.reading):
        if not _says_no_time(intent, ask, reply):
            yield from _meant(intent, ask, reply.reading)
    yield Answer("other")


def _by_the_words(ask: AskKind, reply: Replied) -> Iterator[Answer]:
    """Yield what the words themselves say, whatever the reader makes of them."""
    if LATER.fullmatch(reply.words):
        # Our own texts offer this word: it means nothing else, whatever is asked.
        yield Answer("snooze")
    if ask in NEED_NOT_BE_GIVEN and NOTHING.fullmatch(reply.words):
        yield Answer("no")
    if ATTENDED.search(reply.words):
        yield Answer("attended")
    if ask in {"choice", "free text"} and ANOTHER_TIME.fullmatch(reply.words):
        yield Answer("another_time")
    if ask == "choice" and _only_times(reply):
        # Words of an option may stand in them by chance.
        yield Answer("availability")


def _only_times(reply: Replied) -> bool:
    """Tell whether a reply is about times, names some, and no number."""
    about_times = reply.reading.intent is Intent.AVAILABILITY and not any(map(str.isdigit, reply.words))
    return about_times and _names_times(reply.reading)


def _intents(reading: Reading) -> tuple[Intent, ...]:
    """Return what a reply means, in order.

    A wish for a call comes before the times that it names, a day to ask again on before a maybe; and a no that was only
    guessed comes before neither that day nor a need.
    """
    first, also = reading.intent, reading.also
    guessed_no = first is Intent.NO and reading.rule.startswith(GUESSED)
    if first is Intent.AVAILABILITY and Intent.CALLBACK in also:
        return _led_by(Intent.CALLBACK, reading)
    if (guessed_no or first is Intent.MAYBE) and Intent.SNOOZE in also and reading.suppress.startswith("until:"):
        return _led_by(Intent.SNOOZE, reading)
    if guessed_no and Intent.NEED in also:
        return _led_by(Intent.NEED, reading)
    return (first, *also)


def _led_by(intent: Intent, reading: Reading) -> tuple[Intent, ...]:
    return (intent, *(each for each in (reading.intent, *reading.also) if each is not intent))


def _outright(
    ask: AskKind, reply: Replied, menu: Sequence[int], free: Sequence[int], options: Sequence[str]
) -> Iterator[Answer]:
    """Yield the answers of the question's own. “Maybe the second one” chooses nothing: a soft yes never books."""
    is_soft = reply.reading.intent is Intent.MAYBE
    if ask == "choice of sessions":
        yield from _leanings(reply, menu) if is_soft else _choices(reply, menu, free)
    if ask == "choice" and not is_soft and not _only_asks(reply):
        yield from (Answer(kind) for kind in option(reply, options))
    if ask in _PLAIN and not (is_soft and ask in BOOKS):
        yield from _PLAIN[ask](reply)


def _only_asks(reply: Replied) -> bool:
    """Tell whether a reply is a question that happens to hold a word of an option, and no number."""
    return reply.reading.intent is Intent.QUESTION and not any(letter.isdecimal() for letter in reply.words)


def _meant(intent: Intent, ask: AskKind, reading: Reading) -> Iterator[Answer]:
    """Yield what an intent is an answer to this question with."""
    if _means_later(intent, ask, reading):
        yield Answer("snooze", until=until_named(reading))
    elif intent is Intent.NO and ask == "choice of sessions" and _offers_times(reading):
        # “Mejor los domingos” turns the class down and says when instead: what they offer is worth more than the no.
        yield Answer("availability")
    elif intent is Intent.SNOOZE and _names_times(reading):
        # Later in the week is a time, and no wish to be left in peace.
        yield Answer("availability")
    if intent in KINDS:
        yield Answer(KINDS[intent], until=until_named(reading) if intent is Intent.SNOOZE else "")


def _means_later(intent: Intent, ask: AskKind, reading: Reading) -> bool:
    """Tell whether what is offered now is answered with a month alone: the times are none to wait for a class with."""
    offered = ask in {"choice of sessions", "choice", "yes or no", "coming"}
    return offered and intent in OPEN_TO_LATER and bool(until_named(reading))


def _names_times(reading: Reading) -> bool:
    said = reading.availability
    return said is not None and bool(said.available or said.windows) and not reading.suppress.startswith("until:")


def _offers_times(reading: Reading) -> bool:
    return Intent.AVAILABILITY in reading.also and _names_times(reading)


def _says_no_time(intent: Intent, ask: AskKind, reply: Replied) -> bool:
    """Tell whether a reply is taken to be about times and names none: a guess, what was, or no answer to which."""
    reading = reply.reading
    if intent is Intent.AVAILABILITY and Intent.NO in reading.also and PAST.search(reply.words):
        return True
    about_times = intent is Intent.AVAILABILITY or (intent is Intent.RESCHEDULE and ask == "availability")
    return about_times and not (reading.availability and any(reading.availability.as_dict().values()))


def until_named(reading: Reading) -> str:
    """Return the day before which not to ask: said outright, or all that they say of when they can come."""
    if reading.suppress.startswith("until:"):
        return reading.suppress.removeprefix("until:")
    said = reading.availability
    if said is None or not said.not_before or said.available or said.windows or said.dates:
        return ""
    return said.not_before


def _choices(reply: Replied, menu: Sequence[int], free: Sequence[int]) -> Iterator[Answer]:
    chosen = _chosen(reply.reading.choice, menu, free)
    if chosen:
        yield Answer("choice", chosen)
    if reply.reading.intent is Intent.YES and len(menu) == 1:
        yield Answer("choice", (menu[0],))
    if reply.reading.choice == "2" and len(menu) == 1:
        yield Answer("no")


def _leanings(reply: Replied, menu: Sequence[int]) -> Iterator[Answer]:
    """Yield the maybe of who may come to some of the sessions: it is to these alone."""
    perhaps = _chosen(reply.reading.choice, menu, menu)
    if perhaps:
        yield Answer("maybe", perhaps)


def _chosen(choice: str | None, menu: Sequence[int], free: Sequence[int]) -> tuple[int, ...]:
    """Return the sessions of `2`, `1,2` (both) or `1|2` (either: the first with a seat, else the first)."""
    if not choice:
        return ()
    places = [int(key) for key in choice.replace("|", ",").split(",") if key.isdecimal()]
    named = tuple(dict.fromkeys(menu[place - 1] for place in places if 0 < place <= len(menu)))
    if "|" not in choice:
        return named
    return (tuple(one for one in named if one in free) or named)[:1]


def _yes_or_no(reply: Replied) -> Iterator[Answer]:
    if reply.reading.choice in {"1", "2"}:
        yield Answer("yes" if reply.reading.choice == "1" else "no")


def _coming(reply: Replied) -> Iterator[Answer]:
    kind = {"1": "yes", "2": "no", "3": "other_date"}.get(reply.reading.choice or "")
    if kind:
        yield Answer(kind)
    if Intent.RESCHEDULE in {reply.reading.intent, *reply.reading.also}:
        yield Answer("other_date")


def _needs(reply: Replied) -> Iterator[Answer]:
    if reply.reading.intent is Intent.NO and NOT_COMING.search(reply.words):
        yield Answer("no")
    elif reply.reading.needs or reply.reading.intent is Intent.NEED:
        yield Answer("need")
    elif NOTHING.fullmatch(reply.words) or reply.reading.intent in {Intent.NO, Intent.THANKS}:
        yield Answer("none")


def _rating(reply: Replied) -> Iterator[Answer]:
    given = rating(reply)
    if given is not None:
        yield Answer("low" if given <= LOW else "high" if given >= HIGH else "middle", said={"rating": given})


def _given(key: str, read: Callable[[Replied], str]) -> Callable[[Replied], Iterator[Answer]]:
    def answers(reply: Replied) -> Iterator[Answer]:
        value = read(reply)
        if value:
            yield Answer("given", said={key: value})

    return answers


def _consent(reply: Replied) -> Iterator[Answer]:
    said = agreed(reply)
    if said is not None:
        yield Answer("agreed", said={"name": said} if said else {})


_PLAIN: dict[AskKind, Callable[[Replied], Iterator[Answer]]] = {
    "yes or no": _yes_or_no,
    "coming": _coming,
    "needs": _needs,
    "rating": _rating,
    "name": _given("name", name),
    "zip": _given("zip", zip_code),
    "email": _given("email", email),
    "language": _given("spoken", language),
    "consent": _consent,
}
