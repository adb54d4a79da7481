"""The invitation, from the first text to its outcome, in the database."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, Timer
from outreach.conversations.tasks import ON_CALL
from outreach.texting.models import Direction, Kind, Text, TextStatus
from outreach.trainings.models import AvailabilityNote, Need, Rsvp, RsvpStatus, TrainingSession
from outreach.understanding import Availability, Intent
from tests.conversations.factories import reading
from tests.conversations.talk import Talk
from tests.factories import NOW, ORGANIZER, make_person, make_session

ANA, BEN, EVA = "+12135550101", "+12135550102", "+12135550103"
MAYBE, NO = reading(Intent.MAYBE), reading(Intent.NO)
SATURDAYS = Availability(available=("sat_morning",))


def rsvps(session: Session) -> dict[tuple[int, int], str]:
    rows = session.execute(select(Rsvp.person_id, Rsvp.session_id, Rsvp.status))
    return {(person, gathering): str(status) for person, gathering, status in rows}


def invite(session: Session, *phones: str, sessions: int = 1, capacity: int | None = None) -> tuple[Talk, list[int]]:
    for phone in phones:
        make_person(session, phone=phone)
    ids = [make_session(session, starts_at=NOW + timedelta(days=8 + n), capacity=capacity).id for n in range(sessions)]
    talk = Talk()
    talk.invite(*ids)
    for phone in phones:
        assert len(talk.heard(phone)) == 1
    return talk, ids


def test_the_first_text_is_bulk_behind_its_campaigns_gate_and_answers_are_not(session: Session) -> None:
    talk, _ = invite(session, ANA)
    first = talk.newest(ANA, Direction.OUT)
    campaign = talk.conversation(ANA).campaign_id
    assert (first.kind, first.gate, first.first_of_campaign) == (Kind.BULK, f"campaign:{campaign}", True)
    inbound = talk.write(ANA, "1")
    answer = talk.newest(ANA, Direction.OUT)
    assert (answer.kind, answer.gate, answer.first_of_campaign) == (Kind.REPLY, None, False)
    assert answer.answers_at == inbound.created_at
    assert answer.campaign_id == campaign


def test_a_number_books_and_nothing_needed_ends_it(session: Session) -> None:
    talk, (_, second) = invite(session, ANA, sessions=2)
    talk.write(ANA, "2")
    assert talk.heard(ANA)[0].startswith("You're in: Sun Dec 13 10am, Boyle Heights.")
    talk.write(ANA, "0")
    assert talk.heard(ANA) == []
    conversation = talk.conversation(ANA)
    assert (conversation.outcome, conversation.answer) == ("booked", "yes")
    assert rsvps(session) == {(conversation.person_id, second): "yes"}
    assert talk.timers(ANA) == set()


def test_a_need_gets_an_owner_a_deadline_and_its_words(session: Session) -> None:
    talk, (gathering,) = invite(session, ANA)
    talk.write(ANA, "1")
    talk.heard(ANA)
    talk.write(ANA, "childcare for two kids", reading(Intent.NEED, needs=("childcare",)))
    need = session.scalars(select(Need)).one()
    assert (need.kind, need.words, need.session_id) == ("childcare", "childcare for two kids", gathering)
    assert need.owner == ORGANIZER
    assert need.due_at == NOW + timedelta(days=5)
    assert talk.heard(ANA) == [
        "Got it. I'm asking our team and will text you yes or no by Wed Dec 9 10am, so you can plan. Luz",
    ]


def test_a_need_told_before_the_choice_keeps_its_words(session: Session) -> None:
    talk, _ = invite(session, ANA, sessions=2)
    talk.write(ANA, "yes, 3 of us, need a ride", reading(Intent.YES, needs=("ride",), party_size=3))
    assert talk.heard(ANA)[0].startswith("Great! Which one?")
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("Got it.")
    assert session.scalars(select(Need.words)).one() == "yes, 3 of us, need a ride"
    assert session.scalars(select(Rsvp.party_size)).one() == 3
    assert talk.conversation(ANA).outcome == "booked"


def test_a_maybe_with_a_need_becomes_somebodys_task(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.write(ANA, "maybe if there's childcare", reading(Intent.MAYBE, needs=("childcare",)))
    assert session.scalars(select(Need.kind)).one() == "childcare"
    assert talk.heard(ANA)[0].startswith("Got it.")
    assert (talk.conversation(ANA).answer, talk.conversation(ANA).outcome) == ("maybe", "maybe")


def test_a_full_session_tells_the_place_on_the_waitlist(session: Session) -> None:
    talk, (gathering,) = invite(session, ANA, BEN, EVA, capacity=1)
    for phone in (ANA, BEN, EVA):
        talk.write(phone, "1")
    assert talk.heard(ANA)[0].startswith("You're in")
    assert talk.heard(BEN) == [
        "That one is full. You're number 1 on the waitlist, and I'll text you if a seat opens for you."
    ]
    assert "number 2 on the waitlist" in talk.heard(EVA)[0]
    assert sorted(rsvps(session).values()) == ["waitlisted", "waitlisted", "yes"]
    assert {key[1] for key in rsvps(session)} == {gathering}


def test_a_seat_that_opens_goes_to_exactly_one_who_is_told(session: Session) -> None:
    talk, _ = invite(session, ANA, BEN, EVA, capacity=1)
    for phone in (ANA, BEN, EVA):
        talk.write(phone, "1")
        talk.heard(phone)
    talk.write(ANA, "0")
    talk.wait(days=7, hours=2)
    talk.heard(ANA)
    talk.write(ANA, "2")
    talk.work()
    (news,) = talk.heard(BEN)
    assert news.startswith("A seat opened: Sat Dec 12 10am, Boyle Heights. It's kept for you until Fri Dec 11")
    assert talk.heard(EVA) == []
    assert sorted(rsvps(session).values()) == ["cancelled", "waitlisted", "yes"]


def test_who_moves_up_and_cannot_be_texted_becomes_somebodys_call(session: Session) -> None:
    talk, _ = invite(session, ANA, BEN, capacity=1)
    for phone in (ANA, BEN):
        talk.write(phone, "1")
        talk.heard(phone)
    talk.write(BEN, "STOP")
    talk.wait(days=7, hours=2)
    talk.write(ANA, "2")
    assert talk.heard(BEN) == []
    (task,) = talk.tasks()
    assert "a seat opened" in task.because
    assert (task.owner, task.person_id) == (ON_CALL, talk.conversation(BEN).person_id)


def test_a_yes_to_the_other_date_gives_up_the_waitlist(session: Session) -> None:
    talk, (first, second) = invite(session, ANA, BEN, sessions=2, capacity=1)
    talk.write(ANA, "1")
    talk.write(BEN, "1")
    assert "Would the other date work? Sun Dec 13 10am. 1 = I'm in" in talk.heard(BEN)[0]
    talk.write(BEN, "1")
    assert talk.heard(BEN)[0].startswith("You're in: Sun Dec 13 10am")
    ben = talk.conversation(BEN).person_id
    assert {gathering: status for (person, gathering), status in rsvps(session).items() if person == ben} == {
        first: "cancelled",
        second: "yes",
    }


def test_of_both_only_the_booked_one_is_promised(session: Session) -> None:
    talk, (first, _) = invite(session, ANA, BEN, sessions=2)
    make_full(session, first)
    talk.write(ANA, "both", reading(Intent.CHOICE, choice="1,2"))
    assert talk.heard(ANA)[0].startswith("You're in: Sun Dec 13 10am, Boyle Heights. Do")
    assert sorted(rsvps(session).values()) == ["waitlisted", "yes"]


def make_full(session: Session, session_id: int) -> None:
    gathering = session.get_one(TrainingSession, session_id)
    gathering.capacity = gathering.taken = 1
    session.flush()


def test_either_books_the_one_with_a_seat(session: Session) -> None:
    talk, (first, second) = invite(session, ANA, sessions=2)
    make_full(session, first)
    talk.write(ANA, "either", reading(Intent.CHOICE, choice="1|2"))
    assert list(rsvps(session)) == [(talk.conversation(ANA).person_id, second)]


def test_a_session_that_was_cancelled_meanwhile_is_closed(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.now = NOW + timedelta(days=8, minutes=1)
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("That class can't take sign-ups any more")
    assert talk.conversation(ANA).outcome == "too_late"
    assert talk.conversation(ANA).answer is None


def test_maybe_and_no_are_kept_and_asked_after(session: Session) -> None:
    talk, _ = invite(session, ANA, BEN)
    talk.write(ANA, "maybe", MAYBE)
    talk.write(BEN, "no", NO)
    assert talk.heard(ANA)[0].startswith("No pressure.")
    assert talk.heard(BEN)[0].startswith("Thanks for telling me.")
    assert sorted(rsvps(session).values()) == ["maybe", "no"]
    talk.write(BEN, "saturdays", reading(Intent.AVAILABILITY, availability=SATURDAYS))
    assert session.scalars(select(AvailabilityNote.words)).one() == "saturdays"
    assert talk.conversation(BEN).outcome == "other_times"


def test_a_no_that_names_times_is_not_asked_for_them(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.write(ANA, "no, saturdays only", reading(Intent.NO, availability=SATURDAYS))
    assert talk.heard(ANA)[0].startswith("Thanks, I wrote that down")
    assert session.scalars(select(AvailabilityNote.words)).one() == "no, saturdays only"


def test_not_now_is_heard_until_the_day_that_they_name(session: Session) -> None:
    talk, _ = invite(session, ANA)
    until = "2027-02-01"
    talk.write(ANA, "ask me in february", reading(Intent.SNOOZE, suppress=f"until:{until}"))
    assert talk.heard(ANA) == ["No problem. I won't ask you before Mon Feb 1."]
    late = make_session(session, starts_at=NOW + timedelta(days=90))
    for day, texts in ((30, 0), (58, 0), (60, 1)):
        talk.now = NOW + timedelta(days=day)
        talk.invite(late.id)
        assert len(talk.heard(ANA)) == texts, day


def test_silence_is_nudged_once_at_half_past_five_and_ends(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.wait(days=2, hours=7)
    assert talk.heard(ANA) == []
    talk.wait(hours=1)
    (nudge,) = talk.heard(ANA)
    assert nudge.startswith("Hi Ana, Luz from DSA-LA again.")
    sent = talk.newest(ANA, Direction.OUT)
    assert (sent.kind, sent.first_of_campaign, sent.gate) == (Kind.BULK, False, f"campaign:{sent.campaign_id}")
    talk.wait(days=20)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).outcome == "no_answer"


def test_an_answer_makes_the_timers_of_its_question_stale(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.write(ANA, "1")
    talk.heard(ANA)
    talk.wait(days=3)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).outcome == "booked"
    assert session.scalar(select(Timer.id).where(Timer.done_at.is_(None))) is None


def test_an_answer_takes_a_nudge_back_that_has_not_left(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.wait(days=2, hours=8)
    nudge = talk.newest(ANA, Direction.OUT)
    talk.write(ANA, "1")
    assert session.get_one(Text, nudge.id, populate_existing=True).status == TextStatus.CANCELED
    assert talk.heard(ANA)[0].startswith("You're in")


def test_what_a_person_must_answer_ends_with_its_flows_time(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.write(ANA, "qwzx", reading())
    talk.write(ANA, "qwzx", reading())
    assert talk.newest(ANA, Direction.IN).status == TextStatus.NEEDS_PERSON
    assert len(talk.heard(ANA)) == 1
    talk.wait(days=13)
    assert talk.conversation(ANA).state == "live"
    talk.wait(days=2)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).outcome == "expired"


def test_nobody_is_nudged_about_a_session_that_is_over(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session, starts_at=NOW + timedelta(days=1)).id)
    talk.heard(ANA)
    talk.wait(days=12)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).outcome == "no_answer"


def test_the_same_flow_again_takes_the_place_of_the_older_one(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.now = NOW + timedelta(days=4)
    talk.invite(make_session(session, starts_at=NOW + timedelta(days=20)).id)
    older, newer = talk.conversations(ANA)
    assert (older.outcome, newer.state) == ("superseded", "live")
    assert session.scalar(select(Conversation.id).where(Conversation.state == "suspended")) is None


def test_rsvps_of_the_status_that_the_member_said(session: Session) -> None:
    talk, _ = invite(session, ANA)
    talk.write(ANA, "2")
    assert list(rsvps(session).values()) == [RsvpStatus.NO]
