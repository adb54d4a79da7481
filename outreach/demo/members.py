"""The demo's invented members, as plain values: who they are, where they stand, what they wish. Pure.

Everybody is made from their place in the list, so that every demo shows the same people. All numbers are fictional
(555-0150 to 555-0199 in six area codes around Los Angeles).
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from outreach.demo.names import (
    BRANCHES,
    ENGLISH_NAMES,
    ENGLISH_SURNAMES,
    PREFERRED,
    SPANISH_NAMES,
    SPANISH_SURNAMES,
)
from outreach.people.models import Membership

AREA_CODES = ("213", "310", "323", "562", "626", "818")
FIRST_LINE = 150
HOUSEHOLD_SURNAME = "Reyes"
NEVER = None


class Wish(enum.StrEnum):
    """What stands between a member and a text; most have nothing."""

    NONE = "none"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    HOME_PHONE = "home_phone"
    WRONG_NUMBER = "wrong_number"
    HELD = "held"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Group:
    """Members of one kind: how many, how they stand, since when (days), and at which past session they were.

    `came_to` is a place in `gatherings.PAST`; None for who never came.
    """

    size: int
    standing: Membership | None
    joined_days_ago: int
    came_to: int | None = NEVER


# Together 300. The days keep every segment filled: new, active, cooling, inactive, without any known activity,
# expired, lapsed, contacts.
GROUPS = (
    Group(32, Membership.GOOD_STANDING, 20),
    Group(44, Membership.GOOD_STANDING, 700, came_to=0),
    Group(34, Membership.GOOD_STANDING, 900, came_to=1),
    Group(46, Membership.GOOD_STANDING, 1500, came_to=2),
    Group(60, Membership.GOOD_STANDING, 1100),
    Group(26, Membership.MEMBER, 1000),
    Group(32, Membership.LAPSED, 2000),
    Group(26, None, 0),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One invented member. `language` is None where the list does not say."""

    place: int
    first_name: str
    last_name: str
    preferred_name: str | None
    language: str | None
    phone: str
    zip: str
    branch: str
    standing: Membership | None
    joined_days_ago: int
    came_to: int | None
    wish: Wish


def invented_members() -> list[Member]:
    """Return the 300 members; the second and the third are of one household and share its number."""
    return [_member(place, group) for place, group in enumerate(_groups())]


def _groups() -> Iterator[Group]:
    """Deal the groups out in turn, so that names, languages and wishes are spread over all of them."""
    left = [group.size for group in GROUPS]
    while any(left):
        for place, group in enumerate(GROUPS):
            if left[place]:
                left[place] -= 1
                yield group


def _member(place: int, group: Group) -> Member:
    spanish = place * 7 % 20 < 7
    zip_code, branch = BRANCHES[place * 5 % len(BRANCHES)]
    first_name = _first_name(place, spanish=spanish)
    return Member(
        place=place,
        first_name=first_name,
        last_name=_last_name(place, spanish=spanish),
        preferred_name=PREFERRED.get(first_name),
        language=_language(place, spanish=spanish),
        phone=phone_of(1 if _shares_number(place) else place),
        zip=zip_code,
        branch=branch,
        standing=group.standing,
        joined_days_ago=group.joined_days_ago + place % 45,
        came_to=group.came_to,
        wish=_wish(place),
    )


def phone_of(place: int) -> str:
    """Return the fictional number of a place in the list."""
    return f"+1{AREA_CODES[place % len(AREA_CODES)]}5550{FIRST_LINE + place // len(AREA_CODES)}"


def _shares_number(place: int) -> bool:
    return place == 2


def _first_name(place: int, *, spanish: bool) -> str:
    if place % 97 == 96:
        return ""
    names = SPANISH_NAMES if spanish else ENGLISH_NAMES
    return names[place * 11 % len(names)]


def _last_name(place: int, *, spanish: bool) -> str:
    if place in {1, 2}:
        return HOUSEHOLD_SURNAME
    if place % 97 == 96:
        return ""
    surnames = SPANISH_SURNAMES if spanish else ENGLISH_SURNAMES
    # One further each time round, so that nobody is called like somebody else.
    return surnames[(place * 13 + place // len(surnames)) % len(surnames)]


def _language(place: int, *, spanish: bool) -> str | None:
    if place % 23 == 22:
        return None
    return "es" if spanish else "en"


# Numbers without a common factor with the groups' turn, so that every group has its share of each.
_WISHES = (
    (19, Wish.OPTED_OUT),
    (31, Wish.NO_CONSENT),
    (43, Wish.HOME_PHONE),
    (67, Wish.SNOOZED),
    (101, Wish.WRONG_NUMBER),
    (149, Wish.HELD),
)


def _wish(place: int) -> Wish:
    return next((wish for every, wish in _WISHES if place % every == every - 1), Wish.NONE)
