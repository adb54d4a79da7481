from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from outreach.conversations.forgetting import FORGOTTEN, forget_plans
from outreach.conversations.models import Conversation, FlowVersion, Reminder
from outreach.conversations.reminding import people_to_remind, remind
from outreach.conversations.tasks import ON_CALL
from outreach.people.models import Person, PhoneNumber
from outreach.texting.models import Direction, Kind, Text, TextStatus
from outreach.trainings.models import Need, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session, move_session
from outreach.understanding import Intent
from tests.conversations.factories import reading
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings, seed

ANA, BEN = "+12135550101", "+12135550102"
LA = ZoneInfo("America/Los_Angeles")
HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00"}
DIGITS = "Text 1 if you're coming, 2 if you can't, 3 for another date."
ADDRESS = "1200 E Example St, room 4"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=LA)


def coming(session: Session, starts_at: datetime, phone: str = ANA, **facts: Any) -> tuple[Talk, TrainingSession]:
    """Return somebody's phone who has said yes to a session at this hour."""
    seed(session)
    given = {"address": ADDRESS, "contact": "213-555-0134", **facts}
    gathering = make_session(session, starts_at=starts_at, **given)
    say_yes(session, phone, gathering.id)
    return Talk(make_settings(**HOURS)), gathering


def say_yes(session: Session, phone: str, gathering: int) -> int:
    person = make_person(session, phone=phone)
    answer(session, person.id, gathering, RsvpStatus.YES, now=NOW)
    session.flush()
    return person.id


def go_to(talk: Talk, moment: datetime) -> None:
    talk.wait(seconds=(moment - talk.now).total_seconds())


def reminders(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Reminder)) or 0


def test_an_evening_session_is_reminded_the_day_before_and_on_the_day(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    go_to(talk, at(8, 10, 59))
    assert talk.heard(ANA) == []
    go_to(talk, at(8, 11))
    text = talk.newest(ANA, Direction.OUT)
    assert (text.kind, text.expires_at, text.gate) == (Kind.TRANSACTIONAL, at(9, 0), None)
    assert talk.heard(ANA) == [
        f"Tomorrow 6:30pm: DSA-LA organizing class, {ADDRESS}. {DIGITS}",
    ]
    go_to(talk, at(9, 16))
    assert talk.newest(ANA, Direction.OUT).expires_at == at(9, 18, 10)
    assert talk.heard(ANA) == [
        f"Today 6:30pm: {ADDRESS}. Doors open 15 min early. Lost or late? Text here or call 213-555-0134. DSA-LA",
    ]
    go_to(talk, at(9, 23))
    assert talk.heard(ANA) == []


def test_a_saturday_morning_is_reminded_the_evening_before(session: Session) -> None:
    talk, _ = coming(session, at(12, 10))
    go_to(talk, at(11, 11))
    assert talk.heard(ANA)[0].startswith("Tomorrow 10am: DSA-LA organizing class")
    go_to(talk, at(11, 18))
    assert talk.heard(ANA) == [
        f"Tomorrow 10am: {ADDRESS}. Doors open 15 min early. Lost or late? Text here or call 213-555-0134. DSA-LA",
    ]
    go_to(talk, at(12, 12))
    assert talk.heard(ANA) == []


def test_reminders_speak_spanish(session: Session) -> None:
    talk, _ = coming(session, at(12, 10))
    session.execute(update(Person).values(language="es"))
    go_to(talk, at(11, 18))
    assert talk.heard(ANA) == [
        f"Mañana 10am: taller de DSA-LA, {ADDRESS}. 1 = voy, 2 = no puedo, 3 = otra fecha.",
        f"Mañana 10am: {ADDRESS}. Abrimos 15 min antes. ¿No encuentra? Escriba o llame: 213-555-0134. DSA-LA",
    ]


@pytest.mark.parametrize(
    ("asked_at", "says", "until"), [(at(11, 23, 50), "Mañana 10am: ", at(12, 0)), (at(12, 8), "Hoy 10am: ", at(13, 0))]
)
def test_a_reminder_said_again_speaks_of_the_day_as_it_is_then_and_ends_with_it(
    session: Session, asked_at: datetime, says: str, until: datetime
) -> None:
    talk, _ = coming(session, at(12, 10))
    go_to(talk, at(11, 18))
    assert talk.heard(ANA)[-1].startswith("Tomorrow 10am: ")
    talk.now = asked_at
    talk.write(ANA, "en español por favor")
    assert talk.newest(ANA, Direction.OUT).expires_at == until
    assert talk.heard(ANA)[0].startswith(says)


def test_only_a_yes_is_reminded_and_each_once(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    for status in (RsvpStatus.MAYBE, RsvpStatus.NO):
        person = make_person(session)
        answer(session, person.id, gathering.id, status, now=NOW)
    go_to(talk, at(8, 11))
    for _ in range(3):
        talk.work()
    assert reminders(session) == 1
    assert len(talk.heard(ANA)) == 1


def test_who_said_yes_since_is_not_reminded_of_the_day_before(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    person = make_person(session, phone=BEN)
    answer(session, person.id, gathering.id, RsvpStatus.YES, now=at(8, 12))
    go_to(talk, at(8, 13))
    assert talk.heard(BEN) == []
    go_to(talk, at(9, 16))
    assert talk.heard(BEN)[0].startswith("Today 6:30pm")


def test_two_to_a_reminder_frees_the_seat(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30), capacity=1)
    assert gathering.taken == 1
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    talk.write(ANA, "2")
    assert talk.heard(ANA)[0].startswith("Thanks for telling me, that helps us plan.")
    session.refresh(gathering)
    assert gathering.taken == 0
    assert session.scalars(select(Rsvp.status)).one() == RsvpStatus.CANCELLED
    go_to(talk, at(9, 18))
    assert talk.heard(ANA) == []


def test_one_to_a_reminder_keeps_the_seat(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    talk.write(ANA, "1")
    assert talk.heard(ANA) == ["Good, thank you. See you there!"]
    assert session.scalars(select(Rsvp.status)).one() == RsvpStatus.YES


def test_three_to_a_reminder_frees_the_seat_and_asks_for_times(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    talk.write(ANA, "3")
    assert talk.heard(ANA) == ["No problem. Which days and times are good for you?"]
    assert session.scalars(select(Rsvp.status)).one() == RsvpStatus.CANCELLED


def test_a_reminder_suspends_an_open_invitation_which_goes_on_afterwards(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    talk.now = at(7, 10)
    talk.invite(make_session(session, starts_at=at(20, 10)).id)
    talk.heard(ANA)
    go_to(talk, at(8, 11))
    invitation, reminder = talk.conversations(ANA)
    assert (invitation.state, reminder.state, reminder.flow) == ("suspended", "live", "reminder")
    talk.heard(ANA)
    talk.write(ANA, "1")
    assert talk.heard(ANA) == ["Good, thank you. See you there!"]
    invitation, reminder = talk.conversations(ANA)
    assert (invitation.state, reminder.outcome) == ("live", "coming")
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: Sun Dec 20 10am")


def test_the_second_reminder_keeps_the_invitation_that_waits(session: Session) -> None:
    talk, _ = coming(session, at(12, 10))
    talk.now = at(10, 10)
    talk.invite(make_session(session, starts_at=at(20, 10)).id)
    go_to(talk, at(11, 18))
    states = [(each.flow, each.state, each.outcome) for each in talk.conversations(ANA)]
    assert states == [
        ("invite", "suspended", None),
        ("reminder", "ended", "superseded"),
        ("reminder", "live", None),
    ]
    go_to(talk, at(13, 12))
    assert talk.conversations(ANA)[0].state == "live"


def test_an_invitation_that_waits_is_not_nudged_until_it_goes_on(session: Session) -> None:
    talk, _ = coming(session, at(12, 10))
    talk.now = at(9, 19)
    talk.invite(make_session(session, starts_at=at(20, 10)).id)
    talk.heard(ANA)
    go_to(talk, at(11, 17, 35))
    assert [words[:8] for words in talk.heard(ANA)] == ["Tomorrow"]
    go_to(talk, at(14, 12))
    assert sum("again" in words for words in talk.heard(ANA)) == 1


def test_who_cannot_be_texted_becomes_somebodys_call_once(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    session.execute(update(PhoneNumber).values(texts_opted_out_at=NOW))
    go_to(talk, at(8, 11))
    talk.work()
    (task,) = talk.tasks()
    assert (task.owner, task.due_at) == (ON_CALL, gathering.starts_at)
    assert "not_textable" in task.because
    assert talk.heard(ANA) == []


def test_who_asked_for_peace_until_a_day_is_still_reminded(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    session.execute(update(Person).values(snoozed_until=at(31, 0).date()))
    go_to(talk, at(8, 11))
    assert len(talk.heard(ANA)) == 1


def test_where_a_person_talks_with_somebody_the_reminder_is_their_call(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    talk.now = at(7, 10)
    talk.invite(make_session(session, starts_at=at(20, 10)).id)
    talk.heard(ANA)
    session.execute(update(Conversation).values(owner="luz@example.org"))
    go_to(talk, at(8, 11))
    assert talk.heard(ANA) == []
    assert "with_a_person" in talk.tasks()[0].because


def test_a_reminder_that_fails_is_a_call_and_the_next_one_leaves(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    say_yes(session, BEN, gathering.id)
    session.add(FlowVersion(flow="reminder", checksum="0" * 64, definition={"title": "broken"}, created_at=at(7, 0)))
    session.flush()
    go_to(talk, at(8, 11))
    assert [task.because[-6:] for task in talk.tasks()] == ["failed", "failed"]


def test_what_changed_since_the_look_is_not_reminded_of(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    talk.now = at(8, 11)
    (due,) = people_to_remind(session, talk.settings, talk.now)
    answer(session, due.person_id, gathering.id, RsvpStatus.NO, now=talk.now)
    remind(talk.settings, due, talk.now)
    assert talk.heard(ANA) == []
    assert reminders(session) == 0


def test_a_session_that_moves_takes_its_reminders_along_and_is_told_once(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    move_session(session, gathering.id, SessionChange(starts_at=at(16, 18, 30)), talk.now)
    session.flush()
    talk.work()
    talk.work()
    assert talk.heard(ANA) == [
        (
            "Please note: the DSA-LA class is now Wed Dec 16 6:30pm, Boyle Heights. "
            "1 = I'm in, 2 = I can't then, 3 = another date"
        ),
    ]
    go_to(talk, at(14, 12))
    assert talk.heard(ANA) == []
    go_to(talk, at(15, 11))
    assert talk.heard(ANA)[0].startswith("Tomorrow 6:30pm")


def test_a_cancelled_session_is_told_once_and_not_reminded_of(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    cancel_session(session, gathering.id, NOW)
    session.flush()
    talk.work()
    talk.work()
    assert talk.heard(ANA) == [
        "The DSA-LA class on Wed Dec 9 6:30pm is cancelled. Sorry! I'll text you when there is a new date.",
    ]
    go_to(talk, at(9, 18))
    assert talk.heard(ANA) == []


def test_a_change_is_somebodys_call_where_nobody_can_be_texted(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    session.execute(update(PhoneNumber).values(texts_opted_out_at=NOW))
    cancel_session(session, gathering.id, NOW)
    session.flush()
    talk.work()
    talk.work()
    (task,) = talk.tasks()
    assert "was cancelled: tell them" in task.because


def test_a_place_that_is_missing_leaves_no_hole_in_what_is_told(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30), place="", neighbourhood="", link="https://example.org/room")
    move_session(session, gathering.id, SessionChange(starts_at=at(16, 18, 30)), NOW)
    session.flush()
    talk.work()
    assert talk.heard(ANA)[0].startswith("Please note: the DSA-LA class is now Wed Dec 16 6:30pm. 1 = ")


def test_a_direct_action_keeps_its_address_for_the_day_and_for_whom_the_host_confirmed(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30), sensitive=True, host="luz@example.org", neighbourhood="Downtown")
    go_to(talk, at(8, 12))
    assert talk.heard(ANA) == []
    session.execute(update(Rsvp).values(host_confirmed_at=NOW))
    go_to(talk, at(8, 13))
    (before,) = talk.heard(ANA)
    assert ADDRESS not in before
    go_to(talk, at(9, 16))
    assert ADDRESS in talk.heard(ANA)[0]
    assert gathering.sensitive


def test_can_no_longer_come_in_words(session: Session) -> None:
    talk, _ = coming(session, at(9, 18, 30))
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    talk.write(ANA, "sorry, sick", reading(Intent.NO))
    assert session.scalars(select(Rsvp.status)).one() == RsvpStatus.CANCELLED
    assert talk.newest(ANA, Direction.IN).status == TextStatus.HANDLED
    assert talk.now - at(8, 11) < timedelta(minutes=1)


def test_cancel_after_a_reminder_is_an_opt_out_a_free_seat_and_a_call_and_no_text(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30), capacity=1)
    ben = say_yes(session, BEN, gathering.id)
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    text = talk.write(ANA, "CANCEL")
    rsvps = session.execute(select(Rsvp.person_id, Rsvp.status).where(Rsvp.session_id == gathering.id)).all()
    assert sorted(status for _, status in rsvps) == [RsvpStatus.CANCELLED, RsvpStatus.YES]
    assert (ben, RsvpStatus.YES) in rsvps
    assert talk.number(ANA).texts_opted_out_at == talk.now
    assert talk.heard(ANA) == []
    talk.work()
    assert len(talk.heard(BEN)) == 1
    [task] = talk.tasks()
    assert (task.person_id, task.owner) == (text.person_id, ON_CALL)
    assert f"session {gathering.id}" in task.because


def test_cancel_to_something_else_leaves_the_seat_and_calls_nobody(session: Session) -> None:
    talk, gathering = coming(session, at(20, 18, 30))
    talk.invite(make_session(session).id)
    talk.write(ANA, "CANCEL")
    [status] = session.scalars(select(Rsvp.status).where(Rsvp.session_id == gathering.id)).all()
    assert status == RsvpStatus.YES
    assert talk.tasks() == []


def test_who_lives_by_other_clocks_is_reminded_in_their_last_open_hour_before(session: Session) -> None:
    """Without an address a New York number may be texted until 17:00 here: the day's reminder at 16:00 is too late."""
    new_york, florida = "+12125550101", "+13055550102"
    talk, gathering = coming(session, at(9, 20))
    for phone in (new_york, florida):
        say_yes(session, phone, gathering.id)
    session.execute(update(Person).where(Person.id == say_yes(session, BEN, gathering.id)).values(zip="90012"))
    go_to(talk, at(8, 11))
    for phone in (ANA, BEN, new_york, florida):
        assert talk.heard(phone)[0].startswith("Tomorrow 8pm")
    for hour in range(12, 18):
        go_to(talk, at(8, hour))
        heard = [phone for phone in (ANA, BEN, new_york, florida) if talk.heard(phone)]
        assert heard == ([new_york, florida] if hour == 16 else [])
    go_to(talk, at(9, 18))
    assert [phone for phone in (ANA, BEN, new_york, florida) if talk.heard(phone)] == [ANA, BEN]


def test_how_they_come_is_asked_four_days_before_and_kept_until_the_session_only(session: Session) -> None:
    talk, gathering = coming(session, at(12, 18, 30))
    go_to(talk, at(8, 17, 30))
    (asked,) = talk.heard(ANA)
    assert asked == (
        "Hi Ana, this is DSA-LA. See you Sat Dec 12 6:30pm. What time will you leave, and from home or work? "
        "Plans changed? Just tell me."
    )
    told = talk.write(ANA, "home around 9")
    assert (told.status, talk.heard(ANA)[0][:20]) == (TextStatus.HANDLED, "Got it, thank you. S")
    assert forget_plans(session, talk.now) == 0
    move_session(session, gathering.id, SessionChange(starts_at=at(14, 18, 30)), talk.now)
    session.flush()
    assert forget_plans(session, at(12, 19)) == 0
    assert forget_plans(session, at(14, 19)) == 1
    session.refresh(told := session.get_one(Text, told.id))
    assert told.body == FORGOTTEN
    assert "home" not in str(talk.conversations(ANA)[0].memory)
    assert session.scalars(select(Rsvp.status)).one() == RsvpStatus.YES


def test_a_plan_is_asked_of_who_comes_somewhere_and_signed_by_who_invited(session: Session) -> None:
    seed(session)
    for phone in (ANA, BEN):
        make_person(session, phone=phone)
    here = make_session(session, starts_at=at(12, 18, 30))
    online = make_session(session, starts_at=at(12, 18, 30), place="", link="https://example.org/room")
    talk = Talk(make_settings(**HOURS))
    talk.invite(here.id, online.id)
    talk.write(ANA, "1")
    talk.write(BEN, "2")
    for phone in (ANA, BEN):
        talk.write(phone, "0")
        talk.heard(phone)
    go_to(talk, at(8, 18))
    assert talk.heard(ANA)[0].startswith("Hi Ana, Luz from DSA-LA. See you Sat Dec 12 6:30pm.")
    assert talk.heard(BEN) == []
    talk.write(ANA, "I need a ride")
    assert talk.heard(ANA)[0].startswith("Got it. I'm asking our team")
    assert session.scalars(select(Need.kind)).one() == "ride"


def test_two_leads_to_the_next_date_of_the_same_training(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30), capacity=1)
    make_session(session, starts_at=at(13, 13), place="Elsewhere")
    after = make_session(session, training=gathering.training, starts_at=at(16, 18, 30), capacity=5)
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    talk.write(ANA, "2")
    (answered,) = talk.heard(ANA)
    assert answered.endswith(
        "Someone else can have your seat. The next date: Wed Dec 16 6:30pm, Boyle Heights. 1 = I'm in, 2 = not now"
    )
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: Wed Dec 16 6:30pm, Boyle Heights.")
    talk.write(ANA, "0")
    assert talk.conversation(ANA).outcome == "other_date"
    statuses = {rsvp.session_id: rsvp.status for rsvp in session.scalars(select(Rsvp))}
    assert statuses == {gathering.id: RsvpStatus.CANCELLED, after.id: RsvpStatus.YES}


def test_three_offers_the_other_dates_of_the_same_training(session: Session) -> None:
    talk, gathering = coming(session, at(9, 18, 30))
    for day in (16, 19):
        make_session(session, training=gathering.training, starts_at=at(day, 18, 30))
    go_to(talk, at(8, 11))
    talk.heard(ANA)
    talk.write(ANA, "3")
    assert talk.heard(ANA)[0].startswith(
        "No problem. Which other date? 1) Wed Dec 16 6:30pm Boyle Heights 2) Sat Dec 19"
    )
    talk.write(ANA, "sundays are better for me")
    assert talk.heard(ANA) == ["Thanks, I wrote that down. I'll text you when a class fits."]
