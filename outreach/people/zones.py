"""Time zones of ZIP codes, by their first three digits; several where a boundary runs through."""

from bisect import bisect_right

EASTERN, CENTRAL = "America/New_York", "America/Chicago"
MOUNTAIN, PACIFIC = "America/Denver", "America/Los_Angeles"
ARIZONA, BOISE = "America/Phoenix", "America/Boise"

# The first prefix of each run of prefixes with the same zones. Military prefixes have none.
_RUNS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ()),
    (5, (EASTERN,)),
    (6, ("America/Puerto_Rico",)),
    (10, (EASTERN,)),
    (90, ()),
    (100, (EASTERN,)),
    (324, (EASTERN, CENTRAL)),
    (326, (EASTERN,)),
    (340, ()),
    (341, (EASTERN,)),
    (350, (CENTRAL,)),
    (373, (EASTERN, CENTRAL)),
    (374, (EASTERN,)),
    (380, (CENTRAL,)),
    (398, (EASTERN,)),
    (420, (CENTRAL,)),
    (425, (EASTERN, CENTRAL)),
    (430, (EASTERN,)),
    (463, (CENTRAL,)),
    (465, (EASTERN, CENTRAL)),
    (467, (EASTERN,)),
    (475, (EASTERN, CENTRAL)),
    (480, (EASTERN,)),
    (498, (EASTERN, CENTRAL)),
    (500, (CENTRAL,)),
    (575, (CENTRAL, MOUNTAIN)),
    (578, (CENTRAL,)),
    (585, (CENTRAL, MOUNTAIN)),
    (588, (CENTRAL,)),
    (590, (MOUNTAIN,)),
    (600, (CENTRAL,)),
    (676, (CENTRAL, MOUNTAIN)),
    (680, (CENTRAL,)),
    (690, (CENTRAL, MOUNTAIN)),
    (693, (MOUNTAIN,)),
    (700, (CENTRAL,)),
    (797, (CENTRAL, MOUNTAIN)),
    (800, (MOUNTAIN,)),
    (832, (BOISE,)),
    (835, (BOISE, PACIFIC)),
    (836, (BOISE,)),
    (838, (PACIFIC,)),
    (840, (MOUNTAIN,)),
    (850, (ARIZONA,)),
    (860, (ARIZONA, MOUNTAIN)),
    (861, (ARIZONA,)),
    (865, (ARIZONA, MOUNTAIN)),
    (870, (MOUNTAIN,)),
    (889, (PACIFIC,)),
    (898, (PACIFIC, MOUNTAIN)),
    (900, (PACIFIC,)),
    (962, ()),
    (967, ("Pacific/Honolulu",)),
    (969, ("Pacific/Guam",)),
    (970, (PACIFIC,)),
    (979, (PACIFIC, BOISE)),
    (980, (PACIFIC,)),
    (995, ("America/Anchorage",)),
    (1000, ()),
)
_STARTS = [start for start, _ in _RUNS]


def zones_of_zip(zip_code: str | None) -> tuple[str, ...]:
    """Return the IANA zones that a ZIP code may lie in; none when it says nothing."""
    if not zip_code or not zip_code[:3].isascii() or not zip_code[:3].isdigit() or len(zip_code) < 5:
        return ()
    return _RUNS[bisect_right(_STARTS, int(zip_code[:3])) - 1][1]
