from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outreach.understanding import artefact
from outreach.understanding.evidence import Evidence
from outreach.understanding.normalise import normalise
from outreach.understanding.reading import DAYS, MenuOption

_NUMBER_WORDS = {"one": "1", "uno": "1", "two": "2", "dos": "2", "three": "3", "tres": "3"}
_PLACES = {
    "first": 0, "1st": 0, "primera": 0, "primero": 0, "primer": 0, "former": 0, "earlier": 0,
    "second": 1, "2nd": 1, "segunda": 1, "segundo": 1, "latter": -1, "later": -1, "ultima": -1, "ultimo": -1,
    "third": 2, "3rd": 2, "tercera": 2, "tercero": 2,
}  # fmt: skip
_REMOTE = frozenset({"zoom", "online", "virtual", "remote", "linea", "video", "compu", "computadora", "internet"})
_IN_PERSON = frozenset({"person", "persona", "presencial", "face"})
_PARTS = {
    "morning": (0, 12),
    "manana": (0, 12),
    "afternoon": (12, 17),
    "evening": (17, 24),
    "night": (17, 24),
    "noche": (17, 24),
}
_TIMES = frozenset({"am", "pm", ":", "minutes", "people", "kids", "ninos", "hours", "hour", "friends", "days", "dias"})
_NAMES_NUMBER = frozenset(
    {"number", "option", "opcion", "numero", "choice", "la", "el", "al", "the", "session", "for", "in"}
)
_NOT = frozenset(
    [
        "not", "no", "cant", "dont", "couldnt", "wont", "never", "enough", "except", "off", "isnt", "instead", "skip",
        "trabajo", "menos", "nunca", "tampoco", "without", "busy", "ocupado", "ocupada", "work", "hate",
        "cancela", "cancelen", "cancel", "drop", "remove", "quita", "quiten", "scratch", "from",
    ]
)  # fmt: skip
_NO_BEHIND = frozenset(
    {"no", "trabajo", "cant", "wont", "doesnt", "dont", "nope", "imposible", "work", "busy"}
    | {"trabajando", "conflicts", "collides", "clashes", "hate", "headache"}
)
_IF = frozenset(
    {"if", "maybe", "switch", "cambiar", "quizas", "otherwise", "partner", "he", "she", "ella", "they", "later"}
)
_ONE = frozenset({"one", "session", "class", "option", "uno", "una", "clase", ""})
_HABITS = frozenset(
    {"mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays", "sabados", "domingos"}
)
"""Days as a habit are no answer to a menu: "saturdays are for my kids"."""
_OTHER = frozenset({"other", "otro", "otra", "else"})
_EITHER = frozenset({"or", "o", "either", "u", "otherwise"})
_BREAKS = frozenset({",", ".", ";", "!", "?", "but", "pero", "so", "and", "y"})
FEW_WORDS = 8
"""Up to so many words a number that is a key means the option."""


@dataclass(frozen=True)
class Mention:
    """An option named in a text: its key, and whether it is turned down or only thought of."""

    key: str
    turned_down: bool = False
    in_doubt: bool = False


@dataclass(frozen=True)
class Pick:
    """Which of the menu was picked: "2", "1,2" for both, "1|2" for either; whether another was turned down for it."""

    choice: str
    turned_down: bool = False


def read_choice(evidence: Evidence) -> Pick | None:
    """Give which of the menu was picked; None when nothing was."""
    keys = [option.key for option in evidence.menu]
    if len(keys) == 1:
        word = _NUMBER_WORDS.get(evidence.text.tokens[0], evidence.text.tokens[0]) if evidence.text.tokens else ""
        return Pick(word) if len(evidence.text.tokens) == 1 and word in keys else None
    if not keys:
        return None
    mentions = list(_mentions(evidence))
    if mentions and all(mention.turned_down for mention in mentions):
        return _weighed(evidence, keys, mentions)
    if evidence.has("choice_either"):
        return Pick("|".join(keys))
    if evidence.has("choice_both"):
        return Pick(",".join(keys))
    return _weighed(evidence, keys, mentions)


def _weighed(evidence: Evidence, keys: Sequence[str], mentions: Sequence[Mention]) -> Pick | None:
    words = set(evidence.text.words)
    down = {mention.key for mention in mentions if mention.turned_down}
    wanted = list(dict.fromkeys(mention.key for mention in mentions if not mention.turned_down))
    firm = list(dict.fromkeys(m.key for m in mentions if not m.turned_down and not m.in_doubt))
    left = [key for key in keys if key not in down]
    if not wanted:
        return Pick(left[0], turned_down=True) if down and len(left) == 1 and words & _OTHER else None
    if len(wanted) > 1 and words & _EITHER:
        return Pick("|".join(key for key in keys if key in wanted))
    chosen = firm if len(firm) == 1 else wanted
    return Pick(",".join(key for key in keys if key in chosen), turned_down=bool(down - set(wanted)))


def _mentions(evidence: Evidence) -> Iterator[Mention]:
    tokens = evidence.text.tokens
    named = {option.key: _label_words(option) for option in evidence.menu}
    for place, token in enumerate(tokens):
        key = _key_at(evidence, place, token, named)
        if key is None:
            continue
        start, end = _piece(tokens, place)
        before, behind = tokens[start:place], tokens[place + 1 : end]
        described = "que" in before and "no" in before and token in _IN_PERSON | _REMOTE
        down = not _NOT.isdisjoint(before) or not _NO_BEHIND.isdisjoint(behind)
        if described:
            others = [option.key for option in evidence.menu if option.key != key]
            yield Mention(key, turned_down=True)
            yield Mention(others[0])
        else:
            yield Mention(key, down, not _IF.isdisjoint((*before, *behind)))


def _piece(tokens: Sequence[str], place: int) -> tuple[int, int]:
    """Give where the stretch without a comma, "but" or "so" around a place starts and ends."""
    start = end = place
    while start > 0 and tokens[start - 1] not in _BREAKS:
        start -= 1
    while end < len(tokens) and tokens[end] not in _BREAKS and not _answers_another(tokens, end):
        end += 1
    return start, end


def _answers_another(tokens: Sequence[str], place: int) -> bool:
    """Tell whether a yes or no begins what is said of another option: "yes to 1 · no to 2", "from 1 · to 2"."""
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    return tokens[place] in {"yes", "no", "not", "si"} and following in {"to", "al", "a"}


def _key_at(evidence: Evidence, place: int, token: str, named: dict[str, set[str]]) -> str | None:
    """Give the key of the one option that a token names."""
    if token.isdecimal() and (dated := _by_date(evidence, place)) is not None:
        return dated
    if token.isdecimal() or token in _NUMBER_WORDS:
        return _by_number(evidence, place, _NUMBER_WORDS.get(token, token), is_word=not token.isdecimal())
    if token in _PLACES and -len(evidence.menu) <= _PLACES[token] < len(evidence.menu):
        return evidence.menu[_PLACES[token]].key
    after = evidence.text.tokens[place + 1] if place + 1 < len(evidence.text.tokens) else ""
    if token in _PARTS and after not in _ONE:
        return None
    found = [option.key for option in evidence.menu if _names(option, token, named)]
    return found[0] if len(found) == 1 else None


def _by_date(evidence: Evidence, place: int) -> str | None:
    """Give the key of the one option on that day of the month: "the 24th works", "3/21"."""
    tokens = evidence.text.tokens
    before, after = tokens[place - 1] if place else "", tokens[place + 1] if place + 1 < len(tokens) else ""
    if after not in {"st", "nd", "rd", "th"} and before not in {"/", "the", "el"}:
        return None
    day = int(tokens[place][:4])
    found = [option.key for option in evidence.menu if option.starts_at is not None and option.starts_at.day == day]
    return found[0] if len(found) == 1 else None


def opens_with_choice(evidence: Evidence) -> bool:
    """Tell whether the first word is a key of the menu and no hour or count: "2 bc no gas money"."""
    tokens = [_NUMBER_WORDS.get(token, token) for token in evidence.text.tokens[:2]]
    keys = {option.key for option in evidence.menu}
    return len(tokens) > 1 and tokens[0] in keys and tokens[1] not in _TIMES | {"/", "-", "."}


def _by_number(evidence: Evidence, place: int, key: str, *, is_word: bool) -> str | None:
    tokens = evidence.text.tokens
    before = tokens[place - 1] if place else ""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    if key not in {option.key for option in evidence.menu} or {before, after} & (
        _TIMES | {"/", "at", "las", "a", "till"}
    ):
        return None
    if is_word and len(tokens) > 1 and before not in _NAMES_NUMBER - {"the"} and after not in _NO_BEHIND:
        return None
    few = len(evidence.text.words) <= FEW_WORDS
    return key if few or place == 0 or before in _NAMES_NUMBER | _EITHER else None


def _names(option: MenuOption, token: str, named: dict[str, set[str]]) -> bool:
    """Tell whether a word names an option: its day, its kind, its part of day or its place."""
    own = named[option.key]
    day = artefact.load().lists["days"].get(token, "")
    if option.starts_at is not None and day in DAYS and token not in _HABITS:
        return DAYS[option.starts_at.weekday()] == day
    if token in _REMOTE:
        return bool(_REMOTE & own)
    if token in _IN_PERSON:
        return not _REMOTE & own and any(_REMOTE & words for words in named.values())
    if token in _PARTS and option.starts_at is not None:
        return _PARTS[token][0] <= option.starts_at.hour < _PARTS[token][1]
    return token.isalpha() and len(token) > 3 and token in own


def _label_words(option: MenuOption) -> set[str]:
    return set(normalise(option.label).words)


_RATING_WORDS = {**_NUMBER_WORDS, "four": "4", "five": "5", "cuatro": "4", "cinco": "5", "ten": "10", "diez": "10"}
_TOP, _SCALE = 5, 10


def read_rating(evidence: Evidence) -> int | None:
    """Give the rating from 1 to 5; "10/10" is five, "4 out of 5" is four, "it was a 2 but by the end a 4" is four."""
    tokens = [_RATING_WORDS.get(token, token) for token in evidence.text.tokens]
    places = [place for place, token in enumerate(tokens) if token.isdecimal() and token.isascii() and len(token) <= 3]
    numbers = [int(tokens[place]) for place in places]
    if not numbers:
        return evidence.text.original.count("⭐") or None if "⭐" in evidence.text.original else None
    first, following = numbers[0], numbers[1:2]
    if following and not {"between", "entre"}.isdisjoint(tokens[: places[0]]):
        return None
    if first >= _SCALE and following == [_TOP]:
        return _TOP
    if first <= _SCALE and following == [_SCALE]:
        return max(1, round(first / 2))
    if first > _SCALE * _SCALE - 1:
        return _TOP
    return _said_rating(evidence, tokens, places)


def _said_rating(evidence: Evidence, tokens: Sequence[str], places: Sequence[int]) -> int | None:
    """Give the number that stands as a rating: at the beginning, in few words, at the end, or the last of a change."""
    numbers = [int(tokens[place]) for place in places]
    changed = len(numbers) > 1 and not {"but", "pero", "borren", "was", "era", "now"}.isdisjoint(tokens)
    of_five = len(numbers) > 1 and not {"of", "de", "/"}.isdisjoint(tokens[places[0] : places[1]])
    rating = numbers[-1] if changed and not of_five else numbers[0]
    ends = places[-1] >= len(tokens) - 2 and (len(tokens) < 2 or tokens[places[-1] - 1] in {".", ",", "a", "un"})
    starts = places[0] == 0 or evidence.has("feedback") or len(evidence.text.words) <= FEW_WORDS - 2
    return rating if (starts or ends or changed) and 1 <= rating <= _TOP else None
