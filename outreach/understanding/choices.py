import re
from collections.abc import Sequence

from outreach.understanding.evidence import Evidence
from outreach.understanding.normalise import normalise
from outreach.understanding.reading import DAYS, MenuOption

_KEYS = re.compile(
    r" (?:number |option |opcion |numero |choice |el |la |the |yes |si |o |or |and |y |, )*(\d{1,2})(?= )"
)
_NUMBER_WORDS = {"one": "1", "uno": "1", "two": "2", "dos": "2", "three": "3", "tres": "3"}
_POSITION = {"choice_first": 0, "choice_second": 1, "choice_third": 2}
_REMOTE = frozenset({"zoom", "online", "virtual", "remote", "linea", "video"})
_TIMES = frozenset({"am", "pm", ":", "minutes", "people", "kids", "ninos", "hours", "hour", "friends"})


def read_choice(evidence: Evidence) -> str | None:
    """Give which of the menu was picked: "2", "1,2" for both, "1|2" for either; None when nothing was."""
    if not evidence.menu:
        return None
    keys = [option.key for option in evidence.menu]
    if len(keys) > 1:
        if evidence.has("choice_either"):
            return "|".join(keys)
        if evidence.has("choice_both"):
            return ",".join(keys)
    named = _numbers(evidence, keys)
    if named:
        either = len(named) > 1 and bool(set(evidence.text.words) & {"or", "o", "either", "u"})
        return ("|" if either else ",").join(named)
    return _by_position(evidence, keys) or _by_label(evidence)


def _numbers(evidence: Evidence, keys: Sequence[str]) -> list[str]:
    tokens = evidence.text.tokens
    if len(tokens) == 1:
        word = _NUMBER_WORDS.get(tokens[0], tokens[0])
        return [word] if word in keys else []
    if len(keys) < 2:
        return []
    named = []
    for place, token in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        beside = {after, tokens[place - 1] if place else ""}
        if token in keys and token not in named and not beside & (_TIMES | {"/", "at", "las", "a"}):
            named.append(token)
    return named if len(evidence.text.words) <= 8 or tokens[0] in keys else []


def _by_position(evidence: Evidence, keys: Sequence[str]) -> str | None:
    for label, place in _POSITION.items():
        if evidence.has(label) and place < len(keys) and len(keys) > 1:
            return keys[place]
    return None


def _by_label(evidence: Evidence) -> str | None:
    """Find the one option whose day, place or kind is named: "tuesday", "the zoom one"."""
    if len(evidence.menu) < 2:
        return None
    picked = [option.key for option in evidence.menu if _names(evidence, option)]
    others = len(picked) == len(evidence.menu)
    return picked[0] if len(picked) == 1 and not others else None


def _names(evidence: Evidence, option: MenuOption) -> bool:
    days = evidence.when.single_days
    if option.starts_at is not None and days:
        return DAYS[option.starts_at.weekday()] in days
    labels = _label_words(option) - {"am", "pm", "the", "at"}
    distinct = {word for word in labels if word.isalpha() and len(word) > 3}
    remote = bool(_REMOTE & labels)
    if (in_person := _in_person(evidence)) is not None and any(_REMOTE & _label_words(o) for o in evidence.menu):
        return remote is not in_person
    others = {w for other in evidence.menu if other is not option for w in normalise(other.label).words}
    return bool((distinct - others) & set(evidence.text.words)) and not evidence.when.has_groups


def _label_words(option: MenuOption) -> set[str]:
    return set(normalise(option.label).words)


def _in_person(evidence: Evidence) -> bool | None:
    """Tell whether the session in person is meant, or the one from home; None when neither is named."""
    words = set(evidence.text.words)
    if _REMOTE & words or ({"en", "linea"} <= words):
        return False
    if words & {"person", "persona", "presencial"}:
        return not words & {"not", "no"}
    return None


def read_rating(evidence: Evidence) -> int | None:
    """Give the rating from 1 to 5; "10/10" is five, "4 out of 5" is four."""
    words = [_NUMBER_WORDS.get(word, word) for word in evidence.text.words]
    words = [{"four": "4", "five": "5", "cuatro": "4", "cinco": "5", "ten": "10"}.get(word, word) for word in words]
    numbers = [int(word) for word in words if word.isdecimal() and word.isascii() and len(word) <= 3]
    if not numbers:
        return evidence.text.original.count("⭐") or None if "⭐" in evidence.text.original else None
    if numbers[0] <= 10 and 10 in numbers[1:2]:
        return max(1, round(numbers[0] / 2))
    if numbers[0] >= 100:
        return 5
    first = numbers[0]
    starts = words[0].isdecimal() or evidence.has("feedback") or len(words) <= 6
    return first if starts and 1 <= first <= 5 else None
