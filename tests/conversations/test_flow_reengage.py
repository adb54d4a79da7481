"""Who has not been around is asked one question, then offered a class, then asked whether to go on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.campaigns.launching import cancel
from outreach.conversations.models import Enrolment, NotedAnswer, TaskKind
from outreach.conversations.turn import receive_text
from outreach.errors import OutreachError
from outreach.people.models import MembershipRecord, Person
from outreach.texting.models import Direction, TextStatus
from outreach.trainings.availability import note_availability
from outreach.trainings.models import Rsvp
from tests.conversations.talk import Talk, a_sid
from tests.factories import NOW, ORGANIZER, make_campaign, make_person, make_session

ANA = "+12135550101"
LONG_AGO = date(2026, 1, 10)


def asked(session: Session, segment: str = "inactive", **facts: object) -> Talk:
    make_person(session, phone=ANA, **{"last_active_on": LONG_AGO, **facts})  # type: ignore[arg-type] # facts
    talk = Talk()
    talk.feed(make_campaign(session, flow="reengage", segment=segment, sender="Marco").id)
    return talk


def test_a_story_goes_to_the_organizer_and_nothing_automatic_follows_it(session: Session) -> None:
    talk = asked(session)
    [text] = talk.heard(ANA)
    assert text.startswith(
        "Hi Ana, Marco from DSA-LA, your chapter. One question: what would you change first at work or"
    )
    written = talk.write(ANA, "the rent, it went up again and nobody fixes the elevator")
    assert written.status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []
    [task] = talk.tasks()
    assert (task.kind, task.owner, task.text_id) == (TaskKind.CALL, ORGANIZER, written.id)
    assert task.due_at == NOW + timedelta(hours=24)
    assert session.scalars(select(NotedAnswer.name)).all() == ["issue"]
    assert talk.conversation(ANA).outcome == "told"


def test_a_week_later_a_class_that_fits_then_whether_to_go_on_then_rest(session: Session) -> None:
    talk = asked(session)
    make_session(session, starts_at=NOW + timedelta(days=30))
    fitting = make_session(session, starts_at=NOW + timedelta(days=32, hours=8, minutes=30))
    note_availability(session, session.scalars(select(Person.id)).one(), {"available": ["tue_evening"]}, "tue", NOW)
    talk.heard(ANA)
    talk.wait(days=7, hours=2)
    assert talk.heard(ANA) == [
        (
            "Hi Ana, Marco from DSA-LA. Our next class: Tue Jan 5 6:30pm, Boyle Heights. "
            "1 = I'm in 2 = other times 3 = not now. STOP to opt out"
        ),
    ]
    talk.wait(days=14)
    [last] = talk.heard(ANA)
    assert last.startswith(
        "Hi Ana, Marco from DSA-LA. Keep texting you about classes? 1 = keep going 2 = ask in 3 months"
    )
    talk.wait(days=8)
    assert session.scalars(select(Person.snoozed_until)).one() == date(2027, 6, 29)
    assert talk.conversation(ANA).outcome == "rested"
    assert talk.heard(ANA) == []
    assert fitting.taken == 0


def test_a_yes_books_and_ends_the_asking(session: Session) -> None:
    talk = asked(session)
    make_session(session, starts_at=NOW + timedelta(days=30))
    talk.heard(ANA)
    talk.wait(days=7, hours=2)
    talk.heard(ANA)
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: Sun Jan 3 10am, Boyle Heights.")
    assert session.scalars(select(Rsvp.status)).all() == ["yes"]
    talk.wait(days=16)
    assert not [text for text in talk.heard(ANA) if "Keep texting" in text]


@pytest.mark.parametrize(("answer", "outcome"), [("1", "keeps_going"), ("2", "not_now"), ("3", "opted_out")])
def test_what_they_choose_is_done(session: Session, answer: str, outcome: str) -> None:
    talk = asked(session, language="es")
    talk.heard(ANA)
    talk.wait(days=22)
    [text] = talk.heard(ANA)
    assert text.startswith(
        "Hola Ana, Marco de DSA-LA. ¿Le sigo avisando de talleres? 1 = siga 2 = en 3 meses 3 = no más"
    )
    talk.write(ANA, answer)
    assert talk.conversation(ANA).outcome == outcome
    assert len(talk.heard(ANA)) == 1
    assert (talk.number(ANA).texts_opted_out_at is not None) == (outcome == "opted_out")


def test_no_more_texts_that_is_found_late_is_confirmed_within_five_minutes_of_it_or_never(session: Session) -> None:
    talk = asked(session)
    talk.heard(ANA)
    talk.wait(days=22)
    talk.heard(ANA)
    chose_at = talk.now + timedelta(minutes=1)
    form = {"MessageSid": a_sid(), "From": ANA, "To": talk.settings.senders[0], "Body": "3"}
    receive_text(talk.settings, form, chose_at + timedelta(minutes=30), sent_at=chose_at)
    assert talk.number(ANA).texts_opted_out_at is not None
    assert talk.newest(ANA, Direction.OUT).expires_at == chose_at + timedelta(minutes=5)


def test_a_failed_card_is_somebodys_call_and_no_text(session: Session) -> None:
    person = make_person(session, phone=ANA, last_active_on=LONG_AGO)
    session.get_one(MembershipRecord, person.id).billing = "2mo_plus_failed"
    session.flush()
    talk = Talk()
    talk.feed(make_campaign(session, flow="reengage", segment="inactive").id)
    assert talk.heard(ANA) == []
    assert [(task.kind, task.owner) for task in talk.tasks()] == [(TaskKind.CALL, ORGANIZER)]


def test_only_its_segments_are_asked(session: Session) -> None:
    with pytest.raises(OutreachError, match="is for cooling, inactive, never_active alone"):
        make_campaign(session, flow="reengage", segment="unknown_activity")


def test_what_a_cancelled_campaign_would_lead_to_does_not_leave(session: Session) -> None:
    talk = asked(session)
    make_session(session, starts_at=NOW + timedelta(days=30))
    talk.heard(ANA)
    campaign = talk.conversation(ANA).campaign_id
    assert campaign is not None
    cancel(session, campaign, ORGANIZER, talk.now)
    talk.wait(days=7, hours=2)
    assert session.scalars(select(Enrolment.because).where(Enrolment.done_at.is_not(None))).all() == [None]
    assert talk.newest(ANA, Direction.OUT).gate == f"campaign:{campaign}"
