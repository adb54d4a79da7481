"""Whose clocks count for a recipient, and how far: pure (TWILIO.md 3.3 to 3.5)."""

import enum
from functools import lru_cache
from typing import NamedTuple

from phonenumbers.tzdata import TIMEZONE_DATA

from outreach.people.zones import zones_of_zip
from outreach.text_hours import TextHours
from outreach.texting.hours import Hours, Window

# No text leaves outside these hours of any place where somebody may be; in three states they end sooner.
OUTER = TextHours.parse("08:00-21:00")
EARLY_STATES = TextHours.parse("08:00-20:00")
FLORIDA = (239, 305, 321, 324, 352, 386, 407, 448, 561, 645, 656, 689, 727, 728, 754, 772, 786, 813, 850, 863, 904, 941)
OKLAHOMA, OREGON = (405, 539, 572, 580, 918), (458, 503, 541, 971)
EARLY_AREA_CODES = frozenset(str(code) for code in (*FLORIDA, 954, *OKLAHOMA, *OREGON))
# The first three digits of their ZIPs. Those in between are military mail's, Georgia's and Texas's.
FLORIDA_ZIPS = (*range(320, 340), 341, 342, 344, 346, 347, 349)
OKLAHOMA_ZIPS, OREGON_ZIPS = (730, 731, *range(734, 742), *range(743, 750)), range(970, 980)
EARLY_ZIPS = frozenset(str(prefix) for prefix in (*FLORIDA_ZIPS, *OKLAHOMA_ZIPS, *OREGON_ZIPS))


class Occasion(enum.StrEnum):
    """What a text is about, as far as its hours go."""

    USUAL = "usual"
    CHANGE = "change"
    """A session was moved or cancelled: from 8:00."""
    PERSONAL = "personal"
    """A person answers somebody who wrote within the hour: 8:00 to 21:00."""


class Whereabouts(NamedTuple):
    """What we know of where a recipient is: number in E.164, the zone they stated, ZIP."""

    phone: str
    zone: str | None = None
    zip: str | None = None


def windows_of(where: Whereabouts, hours: Hours, occasion: Occasion = Occasion.USUAL) -> tuple[Window, ...]:
    """Return the windows that must all be open for a text to leave; none where the hours never close.

    A stated zone or a ZIP sets the text hours; the area code then only keeps the text out of the night there.
    Without either they must hold in every zone of area code and chapter.
    """
    if hours.always:
        return ()
    return _windows(where.phone[:5], where.zone, where.zip, hours, occasion)


@lru_cache(maxsize=16_384)
def _windows(
    prefix: str, stated: str | None, zip_code: str | None, hours: Hours, occasion: Occasion
) -> tuple[Window, ...]:
    weekday, sunday = _hours_for(occasion, hours)
    by_number = area_code_zones(prefix)
    by_address = (stated,) if stated else zones_of_zip(zip_code)
    if by_address:
        found = {Window(zone, weekday, sunday) for zone in by_address}
        found |= {Window(zone, OUTER, OUTER) for zone in by_number}
    else:
        found = {Window(zone, weekday, sunday) for zone in {hours.zone, *by_number}}
    if (zip_code or "")[:3] in EARLY_ZIPS:
        found |= {Window(zone, EARLY_STATES, EARLY_STATES) for zone in zones_of_zip(zip_code)}
    if prefix[2:] in EARLY_AREA_CODES:
        found |= {Window(zone, EARLY_STATES, EARLY_STATES) for zone in by_number}
    return tuple(sorted(found, key=lambda window: (window.zone, window.weekday.start, window.weekday.end)))


def _hours_for(occasion: Occasion, hours: Hours) -> tuple[TextHours, TextHours]:
    if occasion is Occasion.PERSONAL:
        return OUTER, OUTER
    if occasion is Occasion.CHANGE:
        return _from_eight(hours.weekday), _from_eight(hours.sunday)
    return hours.weekday, hours.sunday


def _from_eight(hours: TextHours) -> TextHours:
    return TextHours(min(hours.start, OUTER.start), hours.end)


@lru_cache(maxsize=64)
def places_of(zone: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the area codes (as `+1213`) and the first three digits of ZIPs that lie in a zone and keep its hours.

    Whoever has no others, and stated no other zone, may be texted when anybody there may be.
    """
    codes = {f"+{known[:4]}" for known in TIMEZONE_DATA if known[:1] == "1" and len(known) >= 4}
    near = {code for code in codes if area_code_zones(code) == {zone} and code[2:] not in EARLY_AREA_CODES}
    zips = {f"{prefix:03}" for prefix in range(1000) if zones_of_zip(f"{prefix:03}01") == (zone,)}
    return frozenset(near), frozenset(zips - EARLY_ZIPS)


@lru_cache(maxsize=1024)
def area_code_zones(prefix: str) -> frozenset[str]:
    """Return the zones of `+1` and an area code: of all its exchanges, for some area codes lie in two zones.

    Toll-free codes have none, which is right: they say nothing about where anybody is.
    """
    code = prefix.removeprefix("+")
    if len(code) != 4 or not code.startswith("1"):
        return frozenset()
    return frozenset(zone for known, zones in TIMEZONE_DATA.items() if known.startswith(code) for zone in zones)
