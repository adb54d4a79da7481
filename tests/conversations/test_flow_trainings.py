"""Whoever texts TRAINING gets the list: dues or none, a branch or none, on our lists or not."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import Membership, Person
from outreach.texting.models import TextStatus
from outreach.trainings.models import AvailabilityNote, Level, Need, Rsvp, SessionKind, Training, TrainingSession
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed
from tests.trainings.factories import make_training

ANA, STRANGER = "+12135550101", "+12135550199"


def classes(session: Session, count: int = 3) -> list[TrainingSession]:
    """Return sessions of one training each, a day apart."""
    seed(session)
    titles = [
        ("Canvassing", "Tocar puertas"),
        ("Know your rights", "Conozca sus derechos"),
        ("Facilitation", "Facilitar"),
    ]
    return [
        make_session(
            session,
            training=make_training(session, title, title_es=title_es),
            starts_at=NOW + timedelta(days=8 + place),
            capacity=5,
        )
        for place, (title, title_es) in enumerate(titles[:count])
    ]


LIST = "DSA-LA, the next classes: 1) Canvassing 2) Know your rights 3) Facilitation"
WHEN = "1) Sat Dec 12 10am Boyle Heights 2) Sun Dec 13 10am Boyle Heights 3) Mon Dec 14 10am Boyle Heights."


@pytest.mark.parametrize("who", ["lapsed", "in no branch", "stranger", "without consent"])
def test_everybody_who_asks_gets_the_list(session: Session, who: str) -> None:
    classes(session)
    if who == "lapsed":
        make_person(session, phone=STRANGER, standing=Membership.LAPSED)
    elif who != "stranger":
        make_person(session, phone=STRANGER, branch=None)
    talk = Talk()
    if who == "without consent":
        talk.number(STRANGER).consented_at = None
        session.flush()
    assert talk.write(STRANGER, " training!").status == TextStatus.HANDLED
    titles, dates = talk.heard(STRANGER)
    assert titles == LIST
    assert dates.startswith(f"When and where: {WHEN}")
    talk.write(STRANGER, "2")
    assert talk.heard(STRANGER)[0].startswith("You're in: Sun Dec 13 10am, Boyle Heights. Do you need")
    assert [rsvp.session_id for rsvp in session.scalars(select(Rsvp))] == [
        talk.conversation(STRANGER).offer["sessions"][1]
    ]
    assert [each.outcome for each in talk.conversations(STRANGER)] == ["booked", None]


def test_a_stranger_hears_spanish_and_agrees_to_reminders_in_words_that_are_kept(session: Session) -> None:
    classes(session)
    talk = Talk()
    talk.write(STRANGER, "Clases")
    assert talk.heard(STRANGER)[0].startswith("DSA-LA, los talleres que vienen: 1) Tocar puertas")
    talk.write(STRANGER, "1")
    assert talk.heard(STRANGER)[0].startswith("Listo: sáb 12 dic 10am, Boyle Heights. ¿Necesita")
    assert talk.number(STRANGER).consented_at is None
    talk.write(STRANGER, "0")
    assert talk.heard(STRANGER)[0].startswith("¿DSA-LA le puede mandar recordatorios")
    talk.write(STRANGER, "1 Eva")
    assert talk.heard(STRANGER) == ["Gracias, Eva. Le recuerdo antes del sáb 12 dic 10am. ¡Allá nos vemos!"]
    assert talk.number(STRANGER).consented_at == NOW
    person = session.scalars(select(Person)).one()
    session.refresh(person)
    assert (person.first_name, person.source) == ("Eva", "texted CLASES")
    assert talk.conversation(STRANGER).outcome == "booked"


def test_who_does_not_want_reminders_keeps_the_seat(session: Session) -> None:
    classes(session, 1)
    talk = Talk()
    talk.write(STRANGER, "TRAINING")
    [text] = talk.heard(STRANGER)
    assert text.startswith(
        "DSA-LA, the next class: Canvassing, Sat Dec 12 10am Boyle Heights. Can you come? 1 = I'm in"
    )
    talk.write(STRANGER, "1")
    talk.write(STRANGER, "0")
    talk.heard(STRANGER)
    talk.write(STRANGER, "no")
    assert talk.heard(STRANGER) == ["That's fine, no reminders then. See you Sat Dec 12 10am, Boyle Heights!"]
    assert talk.number(STRANGER).consented_at is None
    assert session.scalars(select(Rsvp.status)).all() == ["yes"]


def test_only_trainings_that_are_open_to_them_are_listed(session: Session) -> None:
    open_one, _, full = classes(session)
    full.capacity = full.taken = 1
    advanced = make_training(session, "Power mapping", level=Level.ADVANCED)
    make_session(session, training=advanced, starts_at=NOW + timedelta(days=2))
    make_session(session, training=open_one.training, starts_at=NOW + timedelta(days=3), kind=SessionKind.ACTION)
    session.flush()
    talk = Talk()
    make_person(session, phone=ANA)
    talk.write(ANA, "classes")
    assert talk.heard(ANA)[0] == "DSA-LA, the next classes: 1) Canvassing 2) Know your rights"


def test_a_need_named_first_is_noted_for_the_class_that_they_pick(session: Session) -> None:
    _, second, _ = classes(session)
    make_person(session, phone=ANA)
    talk = Talk()
    talk.write(ANA, "TRAINING")
    talk.heard(ANA)
    talk.write(ANA, "I'd need childcare for 2 kids")
    assert talk.heard(ANA)[0] == "We can often arrange that. Pick a class and I'll ask our team for you."
    talk.write(ANA, "2")
    [answer] = talk.heard(ANA)
    assert answer.startswith("Got it for Sun Dec 13 10am. I'm asking our team and will text you yes or no by ")
    need = session.scalars(select(Need)).one()
    assert (need.kind, need.session_id, need.words) == ("childcare", second.id, "I'd need childcare for 2 kids")
    assert need.owner


def test_times_that_they_name_are_kept_and_one_that_fits_is_offered_at_once(session: Session) -> None:
    first, *_ = classes(session)
    evening = make_session(session, training=first.training, starts_at=NOW + timedelta(days=18, hours=8, minutes=30))
    make_person(session, phone=ANA)
    talk = Talk()
    talk.write(ANA, "TRAINING")
    talk.heard(ANA)
    talk.write(ANA, "tuesday evenings")
    [offer] = talk.heard(ANA)
    assert offer.startswith(
        "Thanks, I wrote that down. This one fits: Canvassing, Tue Dec 22 6:30pm, Boyle Heights. 1 ="
    )
    assert session.scalars(select(AvailabilityNote.words)).one() == "tuesday evenings"
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: Tue Dec 22 6:30pm")
    assert session.scalars(select(Rsvp.session_id)).all() == [evening.id]


def test_no_leads_to_times_and_none_that_fits_is_promised_for_later(session: Session) -> None:
    classes(session)
    make_person(session, phone=ANA, language="es")
    talk = Talk()
    talk.write(ANA, "CLASES")
    talk.heard(ANA)
    talk.write(ANA, "no puedo")
    assert talk.heard(ANA)[0].startswith("¿Qué días y a qué horas le queda bien?")
    talk.write(ANA, "los martes en la noche")
    assert talk.heard(ANA)[0].startswith("Gracias, lo apunté: ponemos las fechas")
    assert [each.outcome for each in talk.conversations(ANA)] == ["other_times", "times_kept"]


def test_without_dates_they_are_asked_for_theirs(session: Session) -> None:
    seed(session)
    talk = Talk()
    talk.write(STRANGER, "TALLERES")
    assert talk.heard(STRANGER)[0] == "¡Gracias por preguntar! DSA-LA no tiene talleres abiertos en este momento."
    assert not session.scalars(select(Training.id).where(Training.title == "Canvassing")).all()


def test_silence_says_nothing_more(session: Session) -> None:
    classes(session)
    talk = Talk()
    talk.write(STRANGER, "TRAINING")
    talk.heard(STRANGER)
    talk.wait(days=6)
    assert talk.heard(STRANGER) == []
    assert talk.conversation(STRANGER).outcome == "no_answer"
