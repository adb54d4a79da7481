"""The words that members may text: the working group, rest, and what else there is."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.flow_files import FlowFile, shipped_flows
from outreach.people.models import Membership, Person
from outreach.texting.models import TextStatus
from outreach.understanding import Intent, read
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

ANA, STRANGER = "+12135550101", "+12135550199"


def texted(session: Session, word: str, **facts: object) -> Talk:
    seed(session)
    make_person(session, phone=ANA, **{"standing": Membership.GOOD_STANDING, **facts})  # type: ignore[arg-type] # facts
    talk = Talk()
    talk.write(ANA, word)
    return talk


def ana(session: Session) -> Person:
    person = session.scalars(select(Person).where(Person.first_name == "Ana")).one()
    session.refresh(person)
    return person


def test_a_volunteer_takes_the_seat_of_their_committee(session: Session) -> None:
    make_person(session, "Ben Prueba", committees=["Housing & Homelessness"])
    talk = texted(session, "WG")
    assert talk.heard(ANA)[0].startswith("Good to hear! The training working group has a seat for each committee.")
    talk.write(ANA, "I'm with the Housing & Homelessness people in Boyle Heights")
    thanks = "Thank you, you're on the list. Somebody from the working group will write to you by Mon Dec 7 10am "
    assert talk.heard(ANA) == [f"{thanks}with the next meeting."]
    assert (ana(session).committees, ana(session).tags) == (["Housing & Homelessness"], ["training working group"])
    [task] = talk.tasks()
    assert task.because.startswith("volunteered for the training working group")
    assert (task.due_at, bool(task.owner)) == (NOW + timedelta(days=3), True)
    talk.write(ANA, "wg")
    assert talk.heard(ANA)[0].startswith("You're on the working group's list already")


@pytest.mark.parametrize(("words", "committees"), [("Labor", ["Labor"]), ("0", []), ("ninguno todavía", [])])
def test_a_committee_that_nobody_is_of_yet_and_none_at_all(session: Session, words: str, committees: list[str]) -> None:
    talk = texted(session, "GRUPO", language="es")
    assert talk.heard(ANA)[0].startswith("¡Qué gusto! El grupo de capacitación")
    talk.write(ANA, words)
    assert talk.heard(ANA)[0].startswith("Gracias, ya le anoté.")
    assert ana(session).committees == committees
    assert talk.conversation(ANA).outcome == "volunteer"


def test_who_is_not_in_good_standing_on_the_list_is_talked_with_and_not_told_of_dues(session: Session) -> None:
    talk = texted(session, "WG", standing=Membership.LAPSED)
    assert talk.heard(ANA) == [
        "Good to hear! Somebody from DSA-LA will write to you by Mon Dec 7 10am about how to take part."
    ]
    assert len(talk.tasks()) == 1
    assert talk.conversation(ANA).outcome == "asked"


def test_a_working_group_word_of_a_stranger_goes_to_a_person(session: Session) -> None:
    seed(session)
    talk = Talk()
    assert talk.write(STRANGER, "WG").status == TextStatus.NEEDS_PERSON


@pytest.mark.parametrize(
    ("words", "until"),
    [("2", date(2027, 3, 4)), ("half a year", date(2027, 6, 4)), ("not before June", date(2027, 6, 1))],
)
def test_rest_lasts_as_long_as_they_say_and_no_campaign_asks_meanwhile(
    session: Session, words: str, until: date
) -> None:
    talk = texted(session, "REST")
    assert talk.heard(ANA) == [
        "Of course. How long should I hold off texting you? 1 = a month 2 = three months 3 = half a year"
    ]
    talk.write(ANA, words)
    assert len(talk.heard(ANA)) == 1
    assert ana(session).snoozed_until == until
    talk.invite(make_session(session).id)
    assert talk.heard(ANA) == []


@pytest.mark.parametrize("flow", shipped_flows().values(), ids=lambda file: file.flow.name)
def test_a_word_that_starts_a_flow_is_never_taken_for_stop(flow: FlowFile) -> None:
    words = flow.flow.keywords.words.values() if flow.flow.keywords else ()
    for word in (word for spoken in words for word in spoken):
        reading = read(word.upper(), now=NOW)
        assert (reading.opt_out, reading.intent is Intent.SENSITIVE) == (False, False), word


def test_silence_after_rest_is_rest(session: Session) -> None:
    talk = texted(session, "descanso", language="es")
    talk.heard(ANA)
    talk.wait(days=2)
    assert talk.heard(ANA) == []
    assert ana(session).snoozed_until == date(2027, 1, 4)
    assert talk.conversation(ANA).outcome == "resting"


@pytest.mark.parametrize(
    ("words", "flow"), [("1", "trainings"), ("2", "callback"), ("3", "availability"), ("4", "rest")]
)
def test_the_menu_leads_on(session: Session, words: str, flow: str) -> None:
    make_session(session)
    talk = texted(session, "OPCIONES", language="es")
    assert talk.heard(ANA)[0].startswith("Aquí DSA-LA. ¿En qué le ayudo? 1 = talleres 2 = que me llamen")
    talk.write(ANA, words)
    assert talk.conversation(ANA).flow == flow
    assert talk.heard(ANA)
