"""How often one person is asked something, over all flows."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from outreach.conversations.gaps import MONTH, NotStartedError, check_gap
from outreach.people.models import PhoneNumber
from outreach.texting.models import Kind, TextStatus
from tests.factories import NOW, make_settings
from tests.texting.factories import make_text, textable_number

DAY = timedelta(days=1)
SETTINGS = make_settings(ask_gap_hours=72, asks_per_month=3)


def asked(session: Session, number: PhoneNumber, days_ago: float, **facts: object) -> None:
    given = {"turn": 1, "status": TextStatus.DELIVERED, "kind": Kind.BULK} | facts
    make_text(session, number, now=NOW - days_ago * DAY, **given)  # type: ignore[arg-type] # any facts


def why_not(session: Session, number: PhoneNumber) -> str | None:
    try:
        check_gap(session, SETTINGS, number, NOW)
    except NotStartedError as error:
        return error.because
    return None


def test_nobody_is_asked_twice_within_the_gap_whatever_the_flow(session: Session) -> None:
    number = textable_number(session)
    asked(session, number, 2.9)
    assert why_not(session, number) == "asked_recently"
    other = textable_number(session)
    asked(session, other, 3.1)
    assert why_not(session, other) is None


def test_nobody_is_asked_more_often_in_thirty_days_than_is_set(session: Session) -> None:
    number = textable_number(session)
    for days_ago in (MONTH.days + 1, 29, 15, 4):
        asked(session, number, days_ago)
    assert why_not(session, number) == "asked_often"


@pytest.mark.parametrize(
    "facts",
    [
        {"turn": 2},
        {"kind": Kind.REPLY},
        {"kind": Kind.TRANSACTIONAL},
        {"status": TextStatus.SUPPRESSED},
        {"status": TextStatus.CANCELED},
        {"retry_of": 1},
    ],
    ids=["a nudge", "an answer", "a reminder", "suppressed", "cancelled", "sent again"],
)
def test_what_asks_nothing_new_or_never_left_does_not_count(session: Session, facts: dict[str, object]) -> None:
    number = textable_number(session)
    asked(session, number, 1, **facts)
    assert why_not(session, number) is None
