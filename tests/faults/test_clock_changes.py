"""Days on which clocks change, lived through in steps of minutes: nobody is texted at night, nobody is lost."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.settings import Settings
from outreach.texting.claims import Claim, claim_due
from outreach.texting.models import Kind, Text, TextStatus
from tests.texting.factories import make_settings, make_text, textable_number

HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00", "org_timezone": "America/Los_Angeles"}
# Area codes of zones that change their clocks and of two that do not.
ZONES = {
    "213": ("America/Los_Angeles",),
    "212": ("America/New_York", "America/Los_Angeles"),
    "602": ("America/Phoenix", "America/Los_Angeles"),
    "808": ("Pacific/Honolulu", "America/Los_Angeles"),
}
STEP = timedelta(minutes=7)


def moments(day: str) -> Iterator[datetime]:
    """Yield the steps from the noon before to the second midnight after a day in Los Angeles."""
    at = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=ZoneInfo("America/Los_Angeles")).astimezone(UTC)
    moment, end = at - timedelta(hours=12), at + timedelta(hours=72)
    while moment < end:
        yield moment
        moment += STEP


def live_through(session: Session, settings: Settings, day: str, texts: int) -> list[tuple[datetime, Claim]]:
    """Put texts in the outbox at random moments of the first day and a half; return when each left."""
    chance, steps = random.Random(day), list(moments(day))
    born = sorted(chance.choices(steps[: len(steps) // 2], k=texts))
    left = list[tuple[datetime, Claim]]()
    for moment in steps:
        while born and born[0] <= moment:
            area, place = chance.choice(sorted(ZONES)), len(born)
            number = textable_number(session, f"+1{area}55501{place:02}")
            make_text(session, number, now=born.pop(0), kind=chance.choice(list(Kind)))
        left += [(moment, claim) for claim in claim_due(session, settings, moment)]
        session.flush()
    return left


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01", "2027-03-14"])
def test_over_a_clock_change_every_text_leaves_by_day_and_is_handed_over_by_day(session: Session, day: str) -> None:
    left = live_through(session, make_settings(**HOURS), day, 60)
    assert len(left) == 60
    for moment, claim in left:
        for zone in ZONES[claim.phone[2:5]]:
            begins = moment.astimezone(ZoneInfo(zone))
            ends = (moment + timedelta(seconds=claim.valid_seconds)).astimezone(ZoneInfo(zone))
            opens = 12 if begins.weekday() == 6 else 9
            assert opens <= begins.hour < 20, f"{begins} in {zone}"
            assert (ends.date(), ends.hour < 20) == (begins.date(), True), f"{ends} in {zone}"


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_what_speaks_of_that_day_is_never_sent_after_it(session: Session, day: str) -> None:
    place = ZoneInfo("America/Los_Angeles")
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=place)
    evening = midnight - timedelta(hours=3)
    text = make_text(session, textable_number(session), now=evening.astimezone(UTC), expires_at=midnight)
    settings = make_settings(**HOURS)
    assert [
        claim for moment in moments(day) if moment >= evening for claim in claim_due(session, settings, moment)
    ] == []
    session.flush()
    assert session.scalars(select(Text.status).where(Text.id == text.id)).one() == TextStatus.EXPIRED
