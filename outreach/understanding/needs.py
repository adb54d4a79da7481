import re
from collections.abc import Mapping

from outreach.understanding.answers import Spans
from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found

NEEDS = (
    "childcare",
    "ride",
    "ride_offer",
    "wheelchair",
    "asl",
    "captions",
    "interpretation",
    "remote",
    "masks",
    "fragrance_free",
    "food",
    "hearing",
)
_FIRST_PERSON = re.compile(r" (?:i|me|my|we|us|our|mi|mis|me|nos|yo|tengo|necesito|ocupo|uso|soy) ")

_OWN = re.compile(
    r" (?:soy|tengo|tenemos|traigo|i am|i have|we have|i use|uso|mine|mis|me lo|no oigo|for my|para mis?|mi \w+ es|"
    r"my (?:kids?|son|daughter|toddlers?|baby|twins|mom|dad|wife|husband|partner|parents|grandma|\d+)) "
)
"""Behind a question whether there is something, what makes a need of it: "is there a kids room? mine are 4 and 7"."""
_GIVEN_UP = re.compile(
    r" (?:cancel\w*|remove|quita\w*|drop|dont need|no longer need|wont need|no need|ya no (?:ocupo|necesito)|ya no|dont|wont|thanks)"
    r"(?: (?:the|my|for|a|el|la|mi|un|any))* $"
)
"""What before a need says that it is none any more: "cancel the ride"."""


_AT_HOME = frozenset(
    {"zoom", "online", "virtual", "virtually", "remote", "remotely", "hybrid", "videollamada", "internet"}
)
_IN_PERSON = frozenset({"person", "persona", "presencial", "no", "not", "hate", "dont", "sick", "odio", "tired"})


def read_needs(
    text: Text, found: Mapping[str, list[Found]], spans: Spans, *, asked_when: bool = False
) -> tuple[str, ...]:
    """Give what someone needs to be able to come; a bare question whether there is something is no need.

    ``asked_when``: we asked when they can come, and whoever names "zoom" beside the time means only from home.
    """
    named = [name for name in NEEDS if name in found]
    needs = [name for name in named if any(_is_need(text, match, spans) for match in found[name])]
    words = set(text.words)
    if asked_when and not text.asks and "remote" not in needs and words & _AT_HOME and not words & _IN_PERSON:
        needs.append("remote")
    if "ride_offer" in needs and "ride" in needs:
        needs.remove("ride")
    if "asl" in needs and "interpretation" in needs:
        needs.remove("interpretation")
    return tuple(needs)


def _is_need(text: Text, match: Found, spans: Spans) -> bool:
    if _GIVEN_UP.search(text.plain[: match.start + 1]):
        return False
    asked = any(start <= match.start < end for start, end in spans)
    said = text.plain[match.start : match.end + 1]
    wished = match.label == "ride" or " que sea " in said
    if not asked or wished or _FIRST_PERSON.search(said):
        return True
    return bool(_OWN.search(text.plain))


_CHILDREN = re.compile(
    r" (\d{1,2}|one|two|three|four|five|un|una|dos|tres|cuatro|a|my|mi) (?:little |young |small |of my |\w+ )?"
    r"(kids|kid|children|child|ninos|nino|ninas|nina|hijos|hijo|hijas|hija|son|daughter|sons|daughters|toddlers|toddler|baby|bebe|bebes|twins|nietos|chamacos)\b"
)
COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "un": 1, "una": 1, "uno": 1, "dos": 2, "tres": 3,
    "cuatro": 4, "cinco": 5, "seis": 6, "a": 1, "my": 1, "mi": 1, "another": 1, "couple": 2,
}  # fmt: skip


def count(word: str) -> int:
    """Give the number that a digit or number word stands for; 0 when it stands for none."""
    return int(word) if word.isdecimal() else COUNTS.get(word, 0)


def children(text: Text) -> int | None:
    """Give how many children a text speaks of, where it says."""
    match = _CHILDREN.search(text.plain)
    if match is None:
        return None
    singular = match[2] in {
        "kid",
        "child",
        "nino",
        "nina",
        "hijo",
        "hija",
        "son",
        "daughter",
        "toddler",
        "baby",
        "bebe",
    }
    number = 2 if match[2] == "twins" else count(match[1])
    return number if (singular or number > 1) and 0 < number <= 12 else None
