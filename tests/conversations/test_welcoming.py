"""A new member is given to one organizer, by language and branch, and written to within two days."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import User
from outreach.conversations.models import DutyKind, TaskKind, Welcome
from outreach.conversations.officers import name_duty
from outreach.conversations.tasks import ON_CALL, finish_task
from outreach.conversations.welcoming import accept, pass_on, welcome_new_members
from outreach.errors import OutreachError
from outreach.people.models import Membership, Person
from outreach.texting.models import TextStatus
from outreach.trainings.models import Rsvp, SessionKind
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

ANA, BEN = "+12135550101", "+12135550102"
LUZ, MARCO, ROSA = "luz@example.org", "marco@example.org", "rosa@example.org"


def on_duty(  # noqa: PLR0917 - one duty has these parts
    session: Session, email: str, known_as: str = "Luz", language: str = "en", branch: str = "", days: str = "0123456"
) -> None:
    session.add(User(email=email, password="x", created_at=NOW))
    session.flush()
    given = {"known_as": known_as, "language": language, "branch": branch, "days": days}
    name_duty(session, email, DutyKind.WELCOME, phone="+12135550134", by=email, now=NOW, **given)  # type: ignore[arg-type] # words


def new_member(session: Session, phone: str = ANA, name: str = "Ana Prueba", **facts: object) -> Person:
    joined = NOW.date() - timedelta(days=3)
    return make_person(session, name, phone=phone, **{"joined_on": joined, "created_at": NOW, **facts})


def welcomed(session: Session) -> Talk:
    seed(session)
    talk = Talk()
    welcome_new_members(session, talk.settings, NOW)
    return talk


def heard_over(talk: Talk, days: int) -> list[str]:
    """Let days pass; return what Ana heard meanwhile."""
    heard = []
    for _ in range(days):
        talk.wait(days=1)
        heard += talk.heard(ANA)
    return heard


def owners(session: Session) -> list[str | None]:
    return list(session.scalars(select(Welcome.organizer).order_by(Welcome.person_id)))


def test_a_member_goes_to_an_organizer_of_their_language_and_branch(session: Session) -> None:
    on_duty(session, LUZ, branch="Eastside")
    on_duty(session, MARCO, branch="Westside")
    on_duty(session, ROSA, language="es", branch="Westside")
    new_member(session, branch="Westside")
    new_member(session, BEN, "Ben Prueba", branch="Eastside")
    new_member(session, "+12135550103", "Eva Prueba", branch="Eastside", language="es")
    make_person(session, "Old Member")
    make_person(session, "Con Tacto", standing=Membership.CONTACT, joined_on=date(2026, 12, 1))
    talk = welcomed(session)
    assert owners(session) == [MARCO, LUZ, ROSA]
    assert [task.owner for task in talk.tasks()] == [MARCO, LUZ, ROSA]
    assert welcome_new_members(session, talk.settings, NOW) == 0


def test_who_is_not_on_duty_before_the_member_is_to_be_accepted_gets_none_and_who_is_now_comes_first(
    session: Session,
) -> None:
    on_duty(session, LUZ, days="1")  # Tuesdays; it is Friday
    on_duty(session, MARCO, days="5")  # tomorrow
    on_duty(session, ROSA, days="4")
    new_member(session)
    new_member(session, BEN, "Ben Prueba", language="es")
    talk = welcomed(session)
    assert owners(session) == [ROSA, None]
    ana = session.scalars(select(Person.id).order_by(Person.id)).first()
    assert ana is not None
    pass_on(session, ana, ROSA, NOW, talk.settings)
    assert owners(session) == [MARCO, None]


def test_each_organizer_takes_ten_and_who_is_left_is_written_to_all_the_same(session: Session) -> None:
    on_duty(session, LUZ)
    for place in range(11):
        new_member(session, f"+121355501{place:02}", f"Nueva {place}")
    talk = welcomed(session)
    assert owners(session) == [LUZ] * 10 + [None]
    assert [task.owner for task in talk.tasks()].count(ON_CALL) == 1
    talk.wait(hours=48)
    assert talk.heard("+12135550110")[0].startswith("Hi Nueva, welcome to DSA-LA, your chapter!")


def test_the_name_signs_once_they_accepted_and_the_text_leaves_then(session: Session) -> None:
    on_duty(session, LUZ)
    ana = new_member(session)
    talk = welcomed(session)
    with pytest.raises(OutreachError, match="somebody else's list"):
        accept(session, ana.id, MARCO, NOW)
    accept(session, ana.id, LUZ, NOW)
    talk.work()
    [text] = talk.heard(ANA)
    assert text.startswith(
        "Hi Ana, I'm Luz, a member of DSA-LA near you. Welcome! What made you join? I read every answer."
    )
    written = talk.write(ANA, "I want to learn how to organize at my job")
    assert written.status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []
    story = talk.tasks()[-1]
    assert (story.kind, story.owner, story.text_id) == (TaskKind.STORY, LUZ, written.id)
    assert story.due_at == talk.now + timedelta(hours=24)


def test_one_who_passes_them_on_leaves_them_to_the_next(session: Session) -> None:
    on_duty(session, LUZ)
    on_duty(session, MARCO, "Marco")
    ana = new_member(session)
    talk = welcomed(session)
    pass_on(session, ana.id, LUZ, NOW, talk.settings)
    assert owners(session) == [MARCO]
    accept(session, ana.id, MARCO, NOW)
    talk.work()
    assert "I'm Marco" in talk.heard(ANA)[0]
    pass_on(session, ana.id, MARCO, NOW, talk.settings)
    assert owners(session) == [LUZ]


def test_without_an_answer_texts_and_calls_take_turns_and_then_comes_rest(session: Session) -> None:
    on_duty(session, LUZ)
    new_member(session, language="es")
    make_session(session, starts_at=NOW + timedelta(days=30))
    make_session(session, starts_at=NOW + timedelta(days=32, hours=8, minutes=30))
    talk = welcomed(session)
    first, *texts = heard_over(talk, 24)
    assert first.startswith("Hola Ana, le saluda DSA-LA, su capítulo.")
    assert [text.partition(":")[0] for text in texts] == [
        "Hola Ana, le escribe DSA-LA. Un buen primer taller",
        "Hola Ana, le escribe DSA-LA. Otro día y otra hora",
    ]
    assert "dom 3 ene 10am" in texts[0]
    assert "mar 5 ene 6:30pm" in texts[1]
    assert [task.kind for task in talk.tasks()] == [TaskKind.OTHER, *[TaskKind.CALL] * 3]
    # Three calls were asked for; only those that are made count.
    assert session.scalars(select(Person.snoozed_until)).one() is None
    for task in talk.tasks()[1:]:
        finish_task(session, task.id, talk.now, LUZ)
    session.flush()
    heard_over(talk, 8)
    assert session.scalars(select(Person.snoozed_until)).one() is not None
    assert heard_over(talk, 30) == []


def test_a_yes_books_and_stops_the_invitations_and_a_month_on_comes_an_action(session: Session) -> None:
    on_duty(session, LUZ)
    ana = new_member(session)
    make_session(session, starts_at=NOW + timedelta(days=20))
    action = make_session(session, kind=SessionKind.ACTION, starts_at=NOW + timedelta(days=45))
    talk = welcomed(session)
    accept(session, ana.id, LUZ, NOW)
    assert heard_over(talk, 9)[1].startswith(
        "Hi Ana, Luz from DSA-LA. A good first class: Thu Dec 24 10am, Boyle Heights. 1 ="
    )
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: Thu Dec 24 10am")
    talk.write(ANA, "0")
    heard_over(talk, 10)
    talk.write(ANA, "thanks!")
    assert any(text.startswith("DSA-LA: a next step for you, Canvassing, ") for text in heard_over(talk, 13))
    talk.write(ANA, "1")
    assert set(session.scalars(select(Rsvp.session_id).where(Rsvp.person_id == ana.id))) >= {action.id}
    talk.heard(ANA)
    assert any("Two months in" in text for text in heard_over(talk, 31))
