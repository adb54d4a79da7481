import stat
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.accounts.models import User
from outreach.demo.accounts import ACCOUNTS, FILE, add_accounts, read_passwords
from outreach.demo.data import seed_demo
from outreach.demo.gatherings import SATURDAY, WEDNESDAY
from outreach.people.consent import was_opted_out
from outreach.people.models import ConsentAction, ConsentEvent, Person, PhoneNumber
from outreach.people.segments import Segment, SegmentLimits, count_textable, partition_counts, why_left_out
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.needs import need_owner
from outreach.trainings.sessions import list_sessions
from tests.demo.factories import NOW, demo_settings

TODAY = NOW.date()


def test_the_demo_is_seeded_once(session: Session, tmp_path: Path) -> None:
    settings = demo_settings(tmp_path)
    first = seed_demo(session, settings, NOW)
    passwords = read_passwords(tmp_path)
    second = seed_demo(session, settings, NOW + timedelta(days=1))

    assert first is not None
    assert first.people == 300
    assert len(first.sessions) == 3
    assert second is None
    assert session.scalar(select(func.count()).select_from(Person)) == 300
    assert read_passwords(tmp_path) == passwords


def test_nothing_is_seeded_where_anybody_is_known(session: Session, tmp_path: Path) -> None:
    session.add(Person(first_name="Real", created_at=NOW, updated_at=NOW))
    session.flush()

    assert seed_demo(session, demo_settings(tmp_path), NOW) is None
    assert session.scalar(select(func.count()).select_from(User)) == 0


def test_nothing_is_seeded_with_a_twilio_account(session: Session, tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, twilio_account_sid="AC" + "1" * 32)

    assert seed_demo(session, settings, NOW) is None
    assert session.scalar(select(Person.id).limit(1)) is None


def test_every_segment_has_people_and_the_reasons_for_leaving_out_are_all_there(seeded: Session) -> None:
    known = SegmentLimits(attendance_since=NOW.date() - timedelta(days=800))

    # Whether nobody came or nobody looked is one segment or the other, by the day since when attendance is known.
    unknown = partition_counts(seeded, SegmentLimits(), TODAY)
    assert [segment for segment, count in unknown.items() if not count] == [Segment.NEVER_ACTIVE]
    assert partition_counts(seeded, known, TODAY)[Segment.NEVER_ACTIVE] > 30
    assert count_textable(seeded, Segment.EVERYONE, known, TODAY) > 200
    left_out = {"opted_out", "no_consent", "no_mobile", "wrong_number", "held", "snoozed", "shared_number"}
    assert set(why_left_out(seeded, Segment.EVERYONE, known, TODAY)) == left_out


def test_opt_outs_and_consents_stand_in_the_ledger_with_their_words(seeded: Session) -> None:
    opted_out = seeded.scalars(select(PhoneNumber.phone).where(PhoneNumber.texts_opted_out_at.is_not(None))).all()
    consents = seeded.scalars(select(ConsentEvent).where(ConsentEvent.action == ConsentAction.CONSENT)).all()

    assert len(opted_out) >= 10
    assert all(was_opted_out(seeded, phone, "k" * 32) for phone in opted_out)
    assert len(consents) > 250
    assert {event.source for event in consents} == {"membership form", "event sign-in", "web form (es)"}


def test_three_sessions_are_to_come_the_first_one_small(seeded: Session) -> None:
    coming = list_sessions(seeded, NOW)
    zone = ZoneInfo("America/Los_Angeles")

    assert [each.starts_at.astimezone(zone).weekday() for each in coming] == [SATURDAY, WEDNESDAY, SATURDAY]
    assert coming[0].capacity == 20
    assert coming[0].starts_at - NOW > timedelta(days=4)
    assert all(each.taken == 0 for each in coming)


def test_past_sessions_have_who_came_and_closed_their_sign_in(seeded: Session) -> None:
    held = seeded.scalars(select(TrainingSession).where(TrainingSession.starts_at < NOW)).all()
    answered = select(func.count()).where(Rsvp.status == RsvpStatus.YES)

    assert len(held) == 3
    assert all(each.sign_in_closed_at for each in held)
    assert (seeded.scalar(answered) or 0) > 60


def test_somebody_sees_to_every_need(seeded: Session) -> None:

    assert need_owner(seeded, "childcare") == "second@example.org"
    assert need_owner(seeded, "wheelchair") == "admin@example.org"


def test_the_passwords_are_kept_for_their_owner_alone(session: Session, tmp_path: Path) -> None:
    add_accounts(session, tmp_path, NOW)
    kept = read_passwords(tmp_path)

    assert [email for email, _ in kept] == [email for email, _ in ACCOUNTS]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert all(password not in user.password for user in session.scalars(select(User)) for _, password in kept)


@pytest.mark.parametrize("hour", range(0, 24, 5))
def test_the_demo_can_be_seeded_at_any_hour(session: Session, tmp_path: Path, hour: int) -> None:
    assert seed_demo(session, demo_settings(tmp_path), NOW.replace(hour=hour)) is not None
