from collections.abc import Sequence
from itertools import pairwise

from outreach.understanding import artefact

LETTERS = {
    "m": "mon", "tu": "tue", "t": "tue", "w": "wed", "th": "thu", "r": "thu", "f": "fri", "sa": "sat", "su": "sun",
    "l": "mon", "j": "thu", "v": "fri",
}  # fmt: skip
"""Days as letters; one of them alone is none."""
FEWEST_LETTERS = 2
_BETWEEN_LETTERS = frozenset({"-", "/", ",", "and", "y", "to", "thru", "through", "or", "&"})


def with_letters_read(tokens: Sequence[str]) -> Sequence[str]:
    """Write out days that stand as letters beside one another or before an hour: "M T W", "m-th", "Sa 12-5, W off"."""
    if "with" in tokens and (place := tokens.index("with")) + 1 < len(tokens) and _is_day_before_part(tokens, place):
        tokens = [*tokens[:place], "wed", *tokens[place + 1 :]]
    places = [place for place, token in enumerate(tokens) if token in LETTERS]
    if len(places) < FEWEST_LETTERS:
        return tokens
    beside = any(_is_beside(tokens, one, other) for one, other in pairwise(places))
    timed = any(place + 1 < len(tokens) and tokens[place + 1].isdecimal() for place in places)
    if not (beside or timed):
        return tokens
    return [
        "wed" if token == "with" and _is_letter(tokens, place) else LETTERS.get(token, token)
        for place, token in enumerate(tokens)
    ]


def _is_letter(tokens: Sequence[str], place: int) -> bool:
    """Tell whether "with" was written "w" and means a day: beside another letter, or before "off" or an hour."""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    parts = artefact.load().lists["parts"]
    beside = bool(LETTERS.keys() & {*tokens[max(place - 2, 0) : place]})
    return beside or after == "off" or after.isdecimal() or after in parts


def _is_day_before_part(tokens: Sequence[str], place: int) -> bool:
    """Tell whether "with" was written "w" and means a day: "T/Th mornings, W evening"."""
    listed = place > 0 and tokens[place - 1] in _BETWEEN_LETTERS
    return listed and tokens[place + 1] in artefact.load().lists["parts"]


def _is_beside(tokens: Sequence[str], one: int, other: int) -> bool:
    return other == one + 1 or (other == one + 2 and tokens[one + 1] in _BETWEEN_LETTERS)
