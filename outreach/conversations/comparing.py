"""How a case of a branch compares a fact: one value, one of several, at least, at most. Pure."""

import re

BOUND = re.compile(r"at (least|most) (\d{1,6})")


def holds(known: object, wanted: object) -> bool:
    """Tell whether a fact is what a case wants; a fact that has several values holds with any of them."""
    if isinstance(wanted, list):
        return any(holds(known, each) for each in wanted)
    if isinstance(known, tuple | frozenset):
        return wanted in known
    bound = BOUND.fullmatch(wanted) if isinstance(wanted, str) else None
    if bound and isinstance(known, int):
        return known >= int(bound[2]) if bound[1] == "least" else known <= int(bound[2])
    return known == wanted


def is_comparable(wanted: object, kind: type) -> bool:
    """Tell whether a fact of this kind can be compared with what a case says."""
    if isinstance(wanted, list):
        return bool(wanted) and all(is_comparable(each, kind) and not isinstance(each, list) for each in wanted)
    if kind is int and isinstance(wanted, str):
        return BOUND.fullmatch(wanted) is not None
    return isinstance(wanted, kind) and not (isinstance(wanted, bool) and kind is int)
