from collections.abc import Iterator
from datetime import date, datetime

from outreach.understanding.answers import question_spans, read_answer
from outreach.understanding.availability import WhenSaid, read_when
from outreach.understanding.choices import opens_with_choice, read_choice
from outreach.understanding.consent import read_consent
from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.identity import facts_of
from outreach.understanding.kinds import kind_of
from outreach.understanding.languages import language_of
from outreach.understanding.needs import children, read_needs
from outreach.understanding.normalise import Text, normalise
from outreach.understanding.party import party_size
from outreach.understanding.phrases import find
from outreach.understanding.quoted import Unquoted, unquote
from outreach.understanding.reading import DAYS, PARTS, Availability, Context, DatePart, Intent, Menu, Reading
from outreach.understanding.rungs import RUNGS
from outreach.understanding.second import second_reading
from outreach.understanding.topics import is_question, read_topics

NOT_UNDERSTOOD = Verdict(Intent.OTHER, "not understood: a person should look", 0.1, human_review=True)
COMING = frozenset({Intent.YES, Intent.CHOICE, Intent.MAYBE, Intent.NEED, Intent.OTHER})
"""Intents of somebody who comes or may come: with how many, and to which session."""
_CONTEXTS = frozenset(str(context) for context in Context)


def read(text: str, *, context: str = "any", menu: Menu = (), now: datetime) -> Reading:
    """Say what a reply means in the light of what we last asked.

    ``context`` is one of ``Context``; ``menu`` the numbered choices last sent; ``now`` an aware time in the chapter's
    zone. Never raises for any text.
    """
    own = unquote(text)
    words = _asking_to_stop(own.beside) if own.is_auto_reply else normalise(own.own)
    if not words.tokens and not words.emoji:
        return _silent(text, own)
    evidence = gather(words, context if context in _CONTEXTS else "any", menu, now)
    return compose(evidence, second_reading(evidence, rules_say(evidence)))


def _asking_to_stop(answer: str) -> Text:
    """Give the words of what looks like a machine's answer if they ask us to stop: "i'm driving, quit texting me"."""
    words = normalise(answer)
    return words if read_consent(words, find(words)).wish == "stop" else normalise("")


def rules_say(evidence: Evidence) -> list[Verdict]:
    """Give what each rung concludes, from the top of the ladder down."""
    return [verdict for rung in RUNGS if (verdict := rung(evidence)) is not None] or [NOT_UNDERSTOOD]


def _silent(text: str, own: Unquoted) -> Reading:
    if own.is_tapback:
        return Reading(Intent.OTHER, "quoted: a tapback on our own text", 0.6)
    if own.is_auto_reply:
        return Reading(Intent.OTHER, "quoted: a machine's answer", 0.8)
    rule = "empty: no words" if not text.strip() else "quoted: only words of ours or signs"
    return Reading(Intent.OTHER, rule, 0.2, human_review=True)


def gather(text: Text, context: str, menu: Menu, now: datetime) -> Evidence:
    """Look for everything that the rungs weigh."""
    found = find(text)
    spans = question_spans(text, found)
    return Evidence(
        text=text,
        found=found,
        context=context,
        menu=menu,
        now=now,
        consent=read_consent(text, found),
        answer=read_answer(text, found, spans),
        when=read_when(
            text.tokens,
            now,
            single_days_are_dates=context == "wel" or ("reschedule" in found and context != "av"),
            invited=_day_of_session(menu),
        ),
        needs=read_needs(text, found, spans, asked_when=context == "av"),
        topics=read_topics(text, found, spans),
        asks=is_question(text, found),
    )


def _day_of_session(menu: Menu) -> date | None:
    """Give the day of the one session that we invited to."""
    starts = menu[0].starts_at if len(menu) == 1 else None
    return starts.date() if starts is not None else None


def compose(evidence: Evidence, verdicts: list[Verdict]) -> Reading:
    """Make the reading of the first verdict, the others beside it."""
    first = verdicts[0]
    suppress = strongest([verdict.suppress for verdict in verdicts])
    intents = dict.fromkeys(verdict.intent for verdict in verdicts[1:] if verdict.intent is not first.intent)
    choice = _choice(evidence, verdicts)
    when = availability_to_keep(evidence, first.intent, choice)
    return Reading(
        intent=first.intent,
        rule=first.rule,
        confidence=first.confidence,
        also=tuple(intents),
        opt_out=suppress == "all",
        suppress=suppress,
        human_review=any(verdict.human_review for verdict in verdicts),
        availability=when,
        needs=evidence.needs,
        question_topics=evidence.topics,
        party_size=_party_size(evidence, first.intent),
        rating=next((verdict.rating for verdict in verdicts if verdict.rating is not None), None),
        choice=choice,
        facts=dict(_facts(evidence)),
        language=language_of(evidence.text),
        asked_back=tuple(_asked_back(evidence.when)),
    )


def _party_size(evidence: Evidence, intent: Intent) -> int | None:
    """Give with how many somebody comes; seats that they offer others are none of it."""
    if intent not in COMING or "ride_offer" in evidence.needs:
        return None
    return party_size(evidence.text, asked=evidence.asks)


def _choice(evidence: Evidence, verdicts: list[Verdict]) -> str | None:
    """Give what was picked from the menu; also where it is only perhaps, or a need stands beside it."""
    found = next((verdict.choice for verdict in verdicts if verdict.choice is not None), None)
    if found is None and len(evidence.menu) > 1 and _may_pick(evidence, verdicts[0].intent):
        pick = read_choice(evidence)
        found = pick.choice if pick is not None else None
    return found


def _may_pick(evidence: Evidence, intent: Intent) -> bool:
    return intent in COMING or intent is Intent.AVAILABILITY or opens_with_choice(evidence)


def _hours_on_that_day(evidence: Evidence, choice: str | None) -> Availability | None:
    """Give "yes, but i must leave by noon" as that day's hours; an hour that is merely told is no bound."""
    said, starts = evidence.when.availability, _start_of(evidence.menu, choice)
    if said is None or starts is None:
        return None
    day = starts.date().isoformat()
    if said.dates:
        bounded = all(found.date == day and (found.start or found.end) for found in said.dates)
        return Availability(dates=said.dates) if bounded else None
    if len(said.windows) != 1:
        return None
    window = said.windows[0]
    if not (window.start or window.end) or window.days not in {DAYS, (DAYS[starts.weekday()],)}:
        return None
    part = window.parts[0] if len(window.parts) == 1 and (window.end or window.parts == PARTS[2:]) else None
    return Availability(dates=(DatePart(day, part, window.start, window.end),), unavailable=_other_days(said, starts))


def _start_of(menu: Menu, choice: str | None) -> datetime | None:
    """Give when the session begins that was picked, or the only one."""
    picked = menu if len(menu) == 1 else [option for option in menu if option.key == choice]
    return picked[0].starts_at if picked else None


def _other_days(said: Availability, starts: datetime) -> tuple[str, ...]:
    """Give what is ruled out on other days than the session's: "saturday till 12, sunday not at all"."""
    return tuple(cell for cell in said.unavailable if not cell.startswith(DAYS[starts.weekday()]))


def strongest(wishes: list[str]) -> str:
    """Give the wish that suppresses most: all, number, hold, until a day, none."""
    for wish in ("all", "number", "hold"):
        if wish in wishes:
            return wish
    return next((wish for wish in wishes if wish.startswith("until:")), "none")


def _facts(evidence: Evidence) -> Iterator[tuple[str, object]]:
    yield from facts_of(evidence).items()
    if evidence.has("sensitive"):
        yield "sensitive", str(kind_of(evidence.text.original))
    if "childcare" in evidence.needs and (number := children(evidence.text)) is not None:
        yield "children", number


def _asked_back(when: WhenSaid) -> Iterator[str]:
    if when.open_hours:
        yield "part_of_day"
    if when.tomorrow_or_morning:
        yield "tomorrow_or_morning"


def availability_to_keep(evidence: Evidence, intent: Intent, choice: str | None) -> Availability | None:
    """Give the availability when it is one: asked for, said as a habit, or with a call or a new time."""
    when = evidence.when
    bounded = when.availability is not None and when.availability.not_before is not None
    told = when.is_weekly or when.is_denied or bounded
    if evidence.has("varies") and intent is Intent.AVAILABILITY and not told:
        return Availability()
    if evidence.context == "av":
        return when.availability or (Availability() if intent is Intent.AVAILABILITY else None)
    if evidence.context in {"inv", "invm"} and intent in {Intent.CHOICE, Intent.YES}:
        return when.habits if when.is_weekly else _hours_on_that_day(evidence, choice)
    perhaps = intent is Intent.MAYBE or (intent is Intent.AVAILABILITY and evidence.answer.word == "yes")
    if evidence.context == "inv" and perhaps and not when.is_weekly:
        if (hours := _hours_on_that_day(evidence, choice)) is not None:
            return hours
        if when.availability is not None and when.availability.dates:
            return when.availability
    if intent is Intent.NO and when.offers:
        return when.availability
    habitual = when.is_weekly or bounded
    if intent in {Intent.AVAILABILITY, Intent.RESCHEDULE, Intent.CALLBACK} or habitual or evidence.context == "wel":
        return when.availability
    return None
