from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.campaigns.feeding import (
    AHEAD_SECONDS,
    SLICE,
    campaigns_to_feed,
    feed_slice,
    finish_fed,
    fix_recipients,
)
from outreach.campaigns.launching import pause, resume
from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.campaigns.results import results_of
from outreach.conversations.models import Conversation, FlowVersion
from outreach.people.models import ListEntry, ListImport, Person, PersonNumber, PhoneNumber
from outreach.settings import Settings
from outreach.texting.claims import claim_due
from outreach.texting.models import Text, TextStatus
from outreach.trainings.models import TrainingSession
from outreach.trainings.sessions import cancel_session
from tests.conversations.talk import Talk
from tests.factories import NOW, ORGANIZER, make_campaign, make_person, make_session, make_settings

SETTINGS = make_settings()
BY_DAY = make_settings(sender_rate="0.05", text_hours="09:00-20:00", text_hours_sunday="12:00-20:00")
ROOM = int(0.05 * AHEAD_SECONDS)
ANA = "+12135550101"


def campaign_to(session: Session, people: int, **given: Any) -> Campaign:
    for _ in range(people):
        make_person(session)
    return make_campaign(session, sessions=(make_session(session).id,), **given)


def states(session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in session.scalars(select(Recipient.state)):
        found[state] = found.get(state, 0) + 1
    return found


def reasons(session: Session) -> set[str | None]:
    return set(session.scalars(select(Recipient.skipped_because)))


def test_recipients_are_fixed_once_and_whoever_comes_later_is_left_out(session: Session) -> None:
    campaign = campaign_to(session, 3)
    for _ in range(2):
        fix_recipients(session, SETTINGS, campaign.id, NOW)
        make_person(session)
    assert (campaign.audience, campaign.state, campaign.frozen_at) == (3, CampaignState.RUNNING, NOW)
    assert states(session) == {"waiting": 3}


def test_only_who_can_be_texted_is_asked_and_a_number_once(session: Session) -> None:
    campaign = campaign_to(session, 1)
    make_person(session, phone=ANA)
    make_person(session, "Ben Prueba", phone=ANA)
    make_person(session, deceased=True)
    make_person(session, held_because="who is this?")
    make_person(session, under_18=True)
    fix_recipients(session, SETTINGS, campaign.id, NOW)
    assert campaign.audience == 2


def test_a_slice_starts_some_and_the_next_one_the_rest(session: Session) -> None:
    campaign = campaign_to(session, SLICE + 3)
    fix_recipients(session, SETTINGS, campaign.id, NOW)
    assert [feed_slice(session, SETTINGS, campaign.id, NOW) for _ in range(3)] == [SLICE, 3, 0]
    assert states(session) == {"started": SLICE + 3}
    assert len(set(session.scalars(select(Text.number_id)))) == SLICE + 3


def test_no_more_lies_in_the_outbox_than_a_minute_of_pace(session: Session) -> None:
    slow = make_settings(sender_rate="0.05")
    room = int(0.05 * AHEAD_SECONDS)
    campaign = campaign_to(session, room + 2)
    fix_recipients(session, slow, campaign.id, NOW)
    assert feed_slice(session, slow, campaign.id, NOW) == room
    assert feed_slice(session, slow, campaign.id, NOW) == 0
    assert not finish_fed(session, campaign.id, NOW)
    session.execute(update(Text).values(status=TextStatus.SENT))
    assert feed_slice(session, slow, campaign.id, NOW) == 2


def feed_and_put_off(session: Session, settings: Settings, campaign: Campaign, now: datetime) -> list[int]:
    """Feed a campaign three times, and look after each at what lies there as often as it takes."""
    fed = []
    for _ in range(3):
        fed.append(feed_slice(session, settings, campaign.id, now))
        for _ in range(5):
            claim_due(session, settings, now + timedelta(minutes=1))
            session.flush()
    return fed


def test_who_waits_for_the_morning_elsewhere_keeps_nobody_here_waiting(session: Session) -> None:
    evening = NOW + timedelta(hours=8)
    for place in range(ROOM + 1):
        make_person(session, phone=f"+1212555010{place}")  # New York, where it is nine
    campaign = campaign_to(session, 2)
    fix_recipients(session, BY_DAY, campaign.id, evening)
    assert feed_and_put_off(session, BY_DAY, campaign, evening) == [ROOM, 3, 0]
    assert states(session) == {"started": ROOM + 3}


def test_at_night_no_more_than_a_minute_of_pace_waits_for_the_morning(session: Session) -> None:
    night = NOW + timedelta(hours=14)
    campaign = campaign_to(session, ROOM + 3)
    fix_recipients(session, BY_DAY, campaign.id, night)
    assert feed_and_put_off(session, BY_DAY, campaign, night) == [ROOM, 0, 0]


def test_campaigns_that_go_out_together_take_turns_and_a_later_one_need_not_wait_for_the_other(
    session: Session,
) -> None:
    pace = make_settings(sender_rate="2")
    first, later = campaign_to(session, 20), NOW + timedelta(seconds=2)
    fix_recipients(session, pace, first.id, NOW)
    feed_slice(session, pace, first.id, NOW)
    session.execute(update(PhoneNumber).values(consented_at=None))  # the later one goes to others
    second = campaign_to(session, 6)
    fix_recipients(session, pace, second.id, later)
    feed_slice(session, pace, second.id, later)
    order = session.scalars(select(Text.campaign_id).order_by(Text.due_at, Text.id)).all()
    assert order[:4] == [first.id] * 4
    assert order[4:16] == [first.id, second.id] * 6


def test_who_nobody_has_confirmed_for_a_year_is_left_out_until_somebody_does(session: Session) -> None:
    campaign = campaign_to(session, 4)
    old, ids = NOW - timedelta(days=366), session.scalars(select(PhoneNumber.id).order_by(PhoneNumber.id)).all()
    session.execute(update(PhoneNumber).values(consented_at=old))
    session.execute(update(PhoneNumber).where(PhoneNumber.id == ids[0]).values(last_inbound_at=NOW - timedelta(days=9)))
    listed = ListImport(source="roster", file_name="roster.csv", started_at=NOW - timedelta(days=30))
    undone = ListImport(source="typo", file_name="typo.csv", started_at=NOW, undone_at=NOW)
    session.add_all([listed, undone])
    session.flush()
    people = session.scalars(select(PersonNumber.person_id).order_by(PersonNumber.number_id)).all()
    for place, one in ((1, listed), (2, undone)):
        entry = ListEntry(source=one.source, person_id=people[place], first_import_id=one.id, last_import_id=one.id)
        session.add(entry)
    session.flush()
    session.expire_all()
    fix_recipients(session, SETTINGS, campaign.id, NOW)
    feed_slice(session, SETTINGS, campaign.id, NOW)
    left_out = select(Recipient.number_id, Recipient.skipped_because).order_by(Recipient.number_id)
    assert [because for _, because in session.execute(left_out)] == [None, None, "unverified", "unverified"]


def test_a_campaign_is_fed_from_its_hour_on_while_it_is_not_paused(session: Session) -> None:
    campaign = campaign_to(session, 1, now=NOW)
    assert campaigns_to_feed(session, NOW - timedelta(seconds=1)) == []
    assert campaigns_to_feed(session, NOW) == [campaign.id]
    pause(session, campaign.id, ORGANIZER, "lunch", NOW)
    assert campaigns_to_feed(session, NOW) == []
    resume(session, campaign.id, ORGANIZER, NOW)
    assert campaigns_to_feed(session, NOW) == [campaign.id]


def test_before_its_recipients_are_fixed_nothing_is_fed(session: Session) -> None:
    campaign = campaign_to(session, 1)
    assert feed_slice(session, SETTINGS, campaign.id, NOW) == 0


def test_a_campaign_is_done_when_everybody_had_their_turn_and_no_first_text_waits(session: Session) -> None:
    campaign = campaign_to(session, 2)
    fix_recipients(session, SETTINGS, campaign.id, NOW)
    assert not finish_fed(session, campaign.id, NOW)
    feed_slice(session, SETTINGS, campaign.id, NOW)
    assert not finish_fed(session, campaign.id, NOW)
    session.execute(update(Text).values(status=TextStatus.SENT))
    assert finish_fed(session, campaign.id, NOW)
    assert not finish_fed(session, campaign.id, NOW)
    session.refresh(campaign)
    assert (campaign.state, campaign.ended_at) == (CampaignState.DONE, NOW)


def frozen(session: Session) -> Campaign:
    campaign = campaign_to(session, 1)
    fix_recipients(session, SETTINGS, campaign.id, NOW)
    return campaign


def feed(session: Session, campaign: Campaign) -> None:
    session.flush()
    assert feed_slice(session, SETTINGS, campaign.id, NOW) == 1
    session.flush()


def test_whoever_may_not_be_texted_any_more_is_skipped_with_the_reason(session: Session) -> None:
    changes = {
        "opted_out": update(PhoneNumber).values(texts_opted_out_at=NOW),
        "no_consent": update(PhoneNumber).values(consented_at=None),
        "bad_number": update(PhoneNumber).values(status="bad"),
        "wrong_number": update(PersonNumber).values(retired_at=NOW, retired_because="wrong number"),
        "held": update(PhoneNumber).values(automation_held_at=NOW),
        "under_18": update(Person).values(under_18=True),
        "deceased": update(Person).values(deceased=True),
        "snoozed": update(Person).values(snoozed_until=NOW.date() + timedelta(days=9)),
    }
    for because, change in changes.items():
        with session.begin_nested() as attempt:
            campaign = frozen(session)
            session.execute(change)
            session.expire_all()
            feed(session, campaign)
            assert reasons(session) == {because}
            assert session.scalars(select(Text)).all() == []
            assert results_of(session, campaign.id).skipped == 1
            attempt.rollback()


def test_who_has_answered_or_was_asked_a_moment_ago_is_not_asked_again(session: Session) -> None:
    make_person(session, phone=ANA)
    talk, gathering = Talk(), make_session(session)
    talk.invite(gathering.id)
    talk.heard(ANA)
    again = talk.invite(make_session(session).id)
    assert results_of(session, again).skipped == 1
    assert "asked_recently" in reasons(session)
    talk.write(ANA, "2")
    talk.heard(ANA)
    talk.now += timedelta(days=4)
    talk.invite(gathering.id)
    assert "already_answered" in reasons(session)
    assert talk.heard(ANA) == []


def test_who_talks_with_a_person_is_left_to_them(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    session.execute(update(Conversation).values(owner="luz@example.org"))
    talk.now += timedelta(days=4)
    talk.invite(make_session(session, starts_at=NOW + timedelta(days=30)).id)
    assert "with_a_person" in reasons(session)


def test_where_every_session_was_cancelled_nobody_is_texted_and_all_are_counted(session: Session) -> None:
    campaign = frozen(session)
    cancel_session(session, session.scalars(select(TrainingSession.id)).one(), NOW)
    feed(session, campaign)
    assert reasons(session) == {"no_sessions"}
    shown = results_of(session, campaign.id)
    assert (shown.audience, shown.skipped) == (1, 1)


def test_one_recipient_that_fails_keeps_nobody_from_their_turn(session: Session) -> None:
    campaign = frozen(session)
    later = NOW + timedelta(seconds=1)
    session.add(FlowVersion(flow="invite", checksum="0" * 64, definition={"title": "broken"}, created_at=later))
    feed(session, campaign)
    assert reasons(session) == {"failed"}
    assert states(session) == {RecipientState.SKIPPED: 1}
