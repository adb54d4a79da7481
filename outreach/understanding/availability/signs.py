from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outreach.understanding.availability.atoms import NEGATIVE, SIGNS, Element
from outreach.understanding.availability.cells import Group


@dataclass
class Clause:
    """One clause: what separated it from the one before, and its groups and marks in order."""

    before: str
    elements: list[Element]
    asked: bool = False

    @property
    def groups(self) -> list[Group]:
        """Give the groups of the clause."""
        return [element for element in self.elements if isinstance(element, Group)]

    @property
    def marks(self) -> list[str]:
        """Give the marks of the clause."""
        return [element for element in self.elements if isinstance(element, str)]


def sign_groups(clause: Clause, earlier: Sequence[Group] = (), *, roster: bool = False) -> None:
    """Say of each group of a clause whether the person can, cannot, or perhaps can; ``earlier``: those before it.

    ``roster``: a work schedule that is yet to come was spoken of, so that "ask me sundays" offers no Sunday.
    """
    before: list[Group] = []
    for piece in _pieces(clause.elements):
        groups = [element for element in piece if isinstance(element, Group)]
        if not groups:
            _sign_left_over(piece, before)
            continue
        excuse = clause.before == "because" and "word" in piece
        roster = roster or "roster" in piece
        _sign_piece(
            piece, roster=roster, default=-1 if excuse or clause.before == "except" else 1, told=not clause.asked
        )
        _take_reason(groups, before)
        spoken = before or earlier
        if "too" in piece and spoken and not any(group.marked for group in groups):
            _sign_likewise(groups, spoken[-1])
        if "unlike" in piece and spoken:
            for group in groups:
                group.sign, group.marked, group.taken = -spoken[-1].sign, True, False
        before = groups
    if "exists" in clause.elements:
        _take_as_asked(clause.elements[clause.elements.index("exists") :])
    if clause.before == "except":
        for group in clause.groups:
            group.sign, group.marked = -1, True


def _take_as_asked(elements: Sequence[Element]) -> None:
    """Leave it open whether what is asked about suits: "do you have any on sundays?"."""
    for group in elements:
        if isinstance(group, Group) and group.sign > 0:
            group.sign, group.marked = 0, True


def _sign_likewise(groups: Sequence[Group], before: Group) -> None:
    """Say of "tuesdays i work, thursdays too" the same of both."""
    for group in groups:
        group.sign, group.marked, group.taken = before.sign, before.marked, before.taken


def _take_reason(groups: Sequence[Group], before: Sequence[Group]) -> None:
    """Let hours that are only told to be taken give way to the days denied before: "not mondays, i have class at night"."""
    if before and all(group.sign < 0 and group.days for group in before):
        for group in groups:
            group.weak = group.weak or (group.taken and not group.names_days)


def _pieces(elements: Sequence[Element]) -> Iterator[list[Element]]:
    piece: list[Element] = []
    for element in elements:
        if element == ",":
            yield piece
            piece = []
        else:
            piece.append(element)
    yield piece


def _sign_left_over(piece: Sequence[Element], before: Sequence[Group]) -> None:
    """Hear "mondays, i can't": a piece of marks alone speaks of the groups before, where they are bare."""
    marks = [element for element in piece if element in SIGNS - {"busy", "free"}]
    if len(marks) == 1 and piece[-1] == marks[0] and not any(group.marked for group in before):
        for group in before:
            group.sign, group.preferred, group.marked = _value(str(marks[0]), behind=True), marks[0] == "best", True


def _sign_piece(piece: Sequence[Element], *, default: int, told: bool, roster: bool) -> None:
    later = (
        [e for e in piece if isinstance(e, Group) and (roster or not e.weekly)]
        if "roster" in piece or "later" in piece
        else []
    )
    for group in later:
        group.sign, group.marked = 0, True
    if later:
        return
    signed = [element for place, element in enumerate(piece) if isinstance(element, Group) or _signs(piece, place)]
    if any(element in SIGNS for element in signed):
        follows = isinstance(signed[0], Group) and isinstance(signed[-1], str)
        (_sign_backwards if follows else _sign_forwards)(signed)
        return
    busy = told and _is_told_of_as_taken(piece)
    for group in (element for element in piece if isinstance(element, Group)):
        taken = busy and (not group.dates or "to_do" in piece)
        group.sign, group.marked, group.taken = (-1, True, True) if taken else (default, False, False)
        group.told = not taken and "word" in piece


def _signs(piece: Sequence[Element], place: int) -> bool:
    """Tell whether an element is a sign; "whenever it's not raining" denies the rain, no time."""
    element = piece[place]
    if "if" in piece[:place] and any(isinstance(other, Group) for other in piece[: piece.index("if")]):
        return False
    if element == "not" and piece[place + 1 : place + 2] == ["word"]:
        before = piece[place - 1] if place else ""
        return not any(isinstance(other, Group) and other.whole for other in (before, *piece[:place]))
    return element in SIGNS


def _is_told_of_as_taken(piece: Sequence[Element]) -> bool:
    """Hear what fills a time: "i have my daughter wed-sun", "los sabados llevo …", "sundays are for my kids".

    A verb of having or doing before another word, anywhere in the piece; or, right behind the days, "are" before it.
    """
    for place, element in enumerate(piece[:-1]):
        if element == "if":
            return False
        following = piece[place + 1]
        if element == "to_do" or (element == "have" and following == "word"):
            return True
        before = piece[place - 1] if place else ""
        told = isinstance(before, Group) and (before.names_days or not before.first)
        if element in {"be", "i"} and following == "word" and told:
            return True
    return bool(piece) and piece[-1] == "to_do"


def _value(mark: str, *, behind: bool) -> int:
    if mark in {"work", "works", "dont_work"}:
        return 1 if behind == (mark != "dont_work") else -1
    return -1 if mark in NEGATIVE else 0 if mark == "maybe" else 1


def _sign_backwards(signed: Sequence[Element]) -> None:
    open_groups: list[Group] = []
    previous: Element = ""
    for element in signed:
        if isinstance(element, Group):
            open_groups.append(element)
        elif not (isinstance(previous, str) and previous and not open_groups):
            for group in open_groups:
                group.sign, group.preferred, group.marked = _value(element, behind=True), element == "best", True
                group.taken = element == "busy"
            open_groups = []
        previous = element


def _is_before_group(signed: Sequence[Element], mark: str) -> bool:
    """Tell whether a mark stands right before a time: "my wife works weekends"."""
    behind = signed[signed.index(mark) + 1 :]
    return bool(behind) and isinstance(behind[0], Group)


def _sign_forwards(signed: Sequence[Element]) -> None:
    sign, preferred, marked, since = 1, False, False, list[Group]()
    before: Element | None = None
    mark = ""
    for element in signed:
        if isinstance(element, Group):
            element.sign, element.preferred, element.marked = sign, preferred, marked
            element.taken = mark in {"busy", "work"}
            since.append(element)
        elif element == "bad" or (element in {"work", "works", "dont_work"} and since):
            for group in since:
                group.sign, group.marked = _value(element, behind=True), True
            since = []
        else:
            value = _value(element, behind=element == "works" and not _is_before_group(signed, element))
            denied = before in {"no", "not", "maybe"} and value > 0
            sign, preferred, marked, since = (sign if denied else value), element == "best", True, []
            mark = element
        before = element


__all__ = ["Clause", "sign_groups"]
