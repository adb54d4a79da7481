"""The training working group's seats, by committee: who holds one, and which committees hold none."""

import pytest
import time_machine
from sqlalchemy.orm import Session

from outreach.accounts.models import Role
from outreach.people.profile import add_to
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, seed
from tests.trainings.test_views import signed_in

ANA = "+12135550101"


def test_the_page_shows_who_volunteered_for_which_committee_and_the_empty_seats_first(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed(session)
    make_person(session, phone=ANA)
    for name, committee in (("Ben Prueba", "Housing"), ("Eva Prueba", "Electoral"), ("Leo Prueba", "Electoral")):
        add_to(session, make_person(session, name).id, "committees", [committee], NOW)
    add_to(session, make_person(session, "Sol Prueba").id, "tags", ["training working group"], NOW)
    talk = Talk()
    talk.write(ANA, "WG")
    talk.write(ANA, "the housing committee")
    session.commit()
    with time_machine.travel(NOW, tick=False):
        client = signed_in(session, monkeypatch, Role.TRAINER)
        page = client.get("/working-group").text
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    assert [row.split("<td>")[1].split("</td>")[0] for row in rows] == ["Electoral", "Housing", "No committee yet"]
    assert "Nobody yet" in rows[0]
    assert "Ana P." in rows[1]
    assert "Sol P." in rows[2]
