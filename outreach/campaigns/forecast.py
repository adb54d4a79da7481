"""What a campaign will come to, worked out before it starts: pure arithmetic.

The rates are the field's, not the chapter's own (ORGANIZING.md 4.3): they say whether an aim is near or far.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.texting.hours import Hours, closing, next_open

FLAKE_PERCENT = 40
REPLY_PERCENT = 14
YES_ONE_IN = 3
CONTACT_PERCENT = 40
YES_BY_PHONE_PERCENT = 40
DIALS_AN_HOUR = 25
# A campaign whose texts need more openings than this is not planned but mistaken.
OPENINGS_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class Turnout:
    """What it takes to fill a room: firm yeses, and the texts or the calls that bring them."""

    seats: int
    hard_yes: int
    texts: int
    conversations: int
    dials: int
    hours: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What comes of so many texts at the usual rates: people."""

    texts: int
    replies: int
    hard_yes: int
    in_the_room: int


def turnout_for(seats: int) -> Turnout:
    """Work out what fills so many seats; texts and dials are rounded to tens: they are estimates."""
    hard_yes = _up(seats * 100, 100 - FLAKE_PERCENT)
    conversations = _up(hard_yes * 100, YES_BY_PHONE_PERCENT)
    dials = _to_tens(conversations * 100 // CONTACT_PERCENT)
    return Turnout(
        seats=seats,
        hard_yes=hard_yes,
        texts=_to_tens(_up(hard_yes * YES_ONE_IN * 100, REPLY_PERCENT)),
        conversations=conversations,
        dials=dials,
        hours=round(dials / DIALS_AN_HOUR),
    )


def expected_of(texts: int) -> Expected:
    """Work out what so many texts bring at the usual rates."""
    replies = texts * REPLY_PERCENT // 100
    hard_yes = texts * REPLY_PERCENT // (100 * YES_ONE_IN)
    return Expected(texts, replies, hard_yes, hard_yes * (100 - FLAKE_PERCENT) // 100)


def last_text_at(start: datetime, segments: int, rate: float, hours: Hours) -> datetime | None:
    """Return when the last of so many segments leaves, at `rate` segments a second, within the chapter's text hours.

    None when the hours never open, or the texts would take more than a year of them.
    """
    left, moment = timedelta(seconds=segments / rate), start
    for _ in range(OPENINGS_AT_MOST):
        opening = next_open(moment, hours.here())
        if opening is None:
            return None
        wall = closing(opening, hours.here())
        if wall is None or opening + left <= wall:
            return opening + left
        left -= wall - opening
        moment = wall
    return None


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def _to_tens(count: int) -> int:
    return round(count, -1)
