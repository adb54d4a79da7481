"""After a session: how it was, asked of those who came; the next one, offered to those who were missed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.conversations.forgetting import forget_purged
from outreach.conversations.models import NotedAnswer, TaskKind
from outreach.people.models import Person
from outreach.texting.models import Direction, Kind, TextStatus
from outreach.trainings.attendance import close_sign_in, sign_in
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.rsvps import answer
from outreach.trainings.sensitive import purge_sensitive
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings, seed

LA = ZoneInfo("America/Los_Angeles")
ANA, BEN = "+12135550101", "+12135550102"
HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=LA)


def go_to(talk: Talk, moment: datetime) -> None:
    talk.wait(seconds=(moment - talk.now).total_seconds())


class Held:
    """A session that was held: Ana came to it, Ben had said yes and did not."""

    def __init__(self, session: Session, starts_at: datetime, minutes: int = 120, *, language: str = "en") -> None:
        seed(session)
        self.session = session
        self.gathering: TrainingSession = make_session(session, starts_at=starts_at, minutes=minutes)
        self.ana = make_person(session, phone=ANA, language=language)
        self.ben = make_person(session, "Ben Prueba", phone=BEN, language=language)
        self.talk = Talk(make_settings(**HOURS), starts_at)
        for person in (self.ana, self.ben):
            answer(session, person.id, self.gathering.id, RsvpStatus.YES, now=NOW)
        sign_in(session, self.gathering.id, self.ana.id, starts_at)
        session.flush()

    def close(self) -> None:
        close_sign_in(self.session, self.gathering.id, self.talk.now)
        self.session.flush()

    def rated(self, mark: str) -> Talk:
        go_to(self.talk, self.gathering.starts_at + timedelta(hours=3, minutes=1))
        assert "How useful was it?" in self.talk.heard(ANA)[0]
        self.talk.write(ANA, mark)
        assert self.talk.heard(ANA)[0].startswith("Thank you. What one thing should we change")
        return self.talk


def noted(session: Session) -> list[tuple[str, str, int | None, int | None]]:
    rows = session.scalars(select(NotedAnswer).order_by(NotedAnswer.id))
    return [(row.name, row.words, row.mark, row.session_id) for row in rows]


@pytest.mark.parametrize(
    ("starts_at", "asked"),
    [(at(12, 14), at(12, 17)), (at(9, 18), at(10, 11)), (at(12, 7), at(12, 11))],
)
def test_who_came_is_asked_an_hour_after_or_at_eleven_the_next_day(
    session: Session, starts_at: datetime, asked: datetime
) -> None:
    held = Held(session, starts_at)
    go_to(held.talk, asked - timedelta(minutes=1))
    assert held.talk.heard(ANA) == []
    go_to(held.talk, asked + timedelta(minutes=1))
    (text,) = held.talk.heard(ANA)
    assert text == (
        "Hi Ana, thanks for coming to the DSA-LA class. How useful was it? "
        "Text 1 (not at all) to 5 (very). STOP to opt out"
    )
    assert held.talk.newest(ANA, Direction.OUT).kind == Kind.BULK
    assert held.talk.heard(BEN) == []


def test_who_liked_it_and_would_teach_becomes_a_task_and_a_tag(session: Session) -> None:
    held = Held(session, at(12, 14))
    talk = held.rated("5, loved it")
    assert talk.write(ANA, "more practice with doors").status == TextStatus.HANDLED
    assert talk.heard(ANA)[0].startswith("That's good to hear. Would you help teach it one day?")
    talk.write(ANA, "1")
    [thanks] = talk.heard(ANA)
    assert thanks.startswith("Thank you! Somebody from the training team will tell you more by Tue Dec 15 5:01pm.")
    assert noted(session) == [
        ("rating", "5, loved it", 5, held.gathering.id),
        ("change", "more practice with doors", None, held.gathering.id),
        ("teach", "1", None, held.gathering.id),
    ]
    [task] = talk.tasks()
    assert "would help to teach" in task.because
    person = session.get_one(Person, held.ana.id)
    session.refresh(person)
    assert person.tags == ["would teach"]
    assert talk.conversation(ANA).outcome == "would_teach"


def test_what_was_said_of_a_sensitive_session_is_forgotten_with_its_roster(session: Session) -> None:
    held = Held(session, at(12, 14))
    held.rated("4")
    forget_purged(session)
    assert len(noted(session)) == 1
    held.gathering.sensitive = True
    session.flush()
    assert purge_sensitive(session, at(12, 14) + timedelta(days=40)) == 1
    forget_purged(session)
    assert noted(session) == []


def test_who_did_not_like_it_may_be_called(session: Session) -> None:
    talk = Held(session, at(12, 14)).rated("2")
    talk.write(ANA, "nothing")
    assert talk.heard(ANA)[0].startswith("Thanks for being straight with us. May I call you")
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("Thank you. You'll get a call by")
    [task] = talk.tasks()
    assert (task.kind, task.due_at) == (TaskKind.CALL, talk.now + timedelta(days=2))


def test_three_of_five_is_thanked_and_silence_ends_it_rated(session: Session) -> None:
    talk = Held(session, at(12, 14)).rated("3")
    talk.write(ANA, "shorter please")
    assert talk.heard(ANA) == ["Thank you. What you told us helps make the next class better."]
    assert talk.conversation(ANA).outcome == "rated"


def test_feedback_speaks_spanish(session: Session) -> None:
    held = Held(session, at(12, 14), language="es")
    go_to(held.talk, at(12, 17, 1))
    assert held.talk.heard(ANA) == [
        (
            "Hola Ana, gracias por venir al taller de DSA-LA. ¿Qué tan útil le fue? "
            "Del 1 (nada) al 5 (mucho). ALTO = salir"
        )
    ]


def test_who_is_signed_in_the_next_day_is_asked_then(session: Session) -> None:
    held = Held(session, at(9, 18))
    go_to(held.talk, at(11, 12))
    held.talk.heard(ANA)
    sign_in(session, held.gathering.id, held.ben.id, at(11, 12))
    session.flush()
    go_to(held.talk, at(11, 13, 1))
    assert held.talk.heard(BEN)[0].startswith("Hi Ben, thanks for coming")


def test_who_was_missed_is_asked_after_the_close_of_sign_in_and_booked(session: Session) -> None:
    held = Held(session, at(12, 14))
    after = make_session(session, training=held.gathering.training, starts_at=at(19, 14))
    go_to(held.talk, at(13, 13))
    assert held.talk.heard(BEN) == []
    held.close()
    go_to(held.talk, at(14, 11))
    assert held.talk.heard(BEN) == [
        (
            "Hi Ben, this is DSA-LA. We missed you! Next: Sat Dec 19 2pm. 1 = I'm in 2 = other times 3 = not now. "
            "STOP to opt out"
        )
    ]
    held.talk.write(BEN, "1")
    assert held.talk.heard(BEN)[0].startswith("You're in: Sat Dec 19 2pm")
    booked = session.scalars(select(Rsvp.status).where(Rsvp.session_id == after.id, Rsvp.person_id == held.ben.id))
    assert booked.one() == RsvpStatus.YES
    assert not [text for text in held.talk.heard(ANA) if "missed you" in text]


@pytest.mark.parametrize(
    ("words", "answered", "outcome"),
    [
        ("no", "Thanks for telling me. Would another day or time be better", None),
        ("maybe", "No pressure. What would help you decide", None),
        ("no, I was sick", "Thanks for telling me, these things happen.", None),
        ("my car broke down", "Thanks for telling me, these things happen.", None),
        ("2", "No problem. Which days and times are good for you?", None),
        ("3", "No problem. I won't ask you before", "not_now"),
        ("I was there!", "Then I'm sorry, and thank you for coming!", "came"),
        ("I need childcare", "Got it. I'm asking our team", "reason_told"),
    ],
)
def test_what_who_was_missed_answers(session: Session, words: str, answered: str, outcome: str | None) -> None:
    held = Held(session, at(12, 14))
    make_session(session, training=held.gathering.training, starts_at=at(19, 14))
    held.close()
    go_to(held.talk, at(13, 12))
    held.talk.heard(BEN)
    held.talk.write(BEN, words)
    assert held.talk.heard(BEN)[0].startswith(answered)
    assert held.talk.conversation(BEN).outcome == outcome
    if words.startswith(("my", "I was", "no,")):
        [task] = held.talk.tasks()
        assert task.person_id == held.ben.id


def test_without_a_next_date_who_was_missed_is_asked_for_days(session: Session) -> None:
    held = Held(session, at(12, 14))
    held.close()
    go_to(held.talk, at(13, 12))
    assert "Which days are better for you?" in held.talk.heard(BEN)[0]
    held.talk.write(BEN, "saturday mornings")
    assert held.talk.heard(BEN) == ["Thanks, I wrote that down. I'll text you when a class fits."]


def test_the_second_absence_in_a_quarter_is_a_call_and_no_text(session: Session) -> None:
    held = Held(session, at(12, 14))
    earlier = make_session(session, starts_at=at(5, 14))
    answer(session, held.ben.id, earlier.id, RsvpStatus.YES, now=NOW)
    session.execute(update(TrainingSession).where(TrainingSession.id == earlier.id).values(sign_in_closed_at=at(5, 17)))
    held.close()
    go_to(held.talk, at(13, 12))
    assert held.talk.heard(BEN) == []
    [task] = held.talk.tasks()
    assert (task.kind, task.person_id) == (TaskKind.CALL, held.ben.id)
    assert "without reproach" in task.because
