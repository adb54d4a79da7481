from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from outreach.accounts.models import Role
from outreach.campaigns.models import Campaign, CampaignState
from outreach.demo.tour import TOUR
from outreach.trainings.models import RsvpStatus
from outreach.trainings.needs import note_need
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session
from tests.accounts.factories import make_user, sign_in
from tests.conversations.desk_factories import NOW, make_app, make_member, make_reading, make_waiting
from tests.trainings.factories import make_session, make_training

REAL_ACCOUNT = {
    "twilio_account_sid": "AC" + "1" * 32,
    "twilio_auth_token": "t" * 32,
    "twilio_phone_numbers": "+12135550100",
}


@pytest.fixture(autouse=True)
def at_ten_in_los_angeles() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(session: Session, monkeypatch: pytest.MonkeyPatch, role: Role = Role.ADMIN, **given: Any) -> FlaskClient:
    client = make_app(monkeypatch, **given).test_client()
    assert sign_in(client, make_user(session, role=role)).status_code == 302
    return client


def test_an_empty_desk_has_nothing_to_do(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    page = signed_in(session, monkeypatch).get("/").text

    assert "Nobody waits for an answer." in page
    assert "None is planned." in page
    assert "None is under way." in page
    assert "Tasks</h2>" not in page


def test_waiting_replies_are_counted_up_to_fifty(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _, number = make_member(session)
    for _ in range(3):
        make_waiting(session, number)
    session.commit()
    client = signed_in(session, monkeypatch)
    assert "<b>3</b> wait for a person" in client.get("/").text

    for _ in range(50):
        make_waiting(session, number, reading=make_reading("sensitive"))
    session.commit()
    page = client.get("/").text
    assert "<b>50+</b> wait for a person" in page
    assert "At least one must not wait." in page


def test_needs_past_their_deadline_name_whose_they_are(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = make_session(session, now=NOW)
    person, _ = make_member(session, "Ana Aguilar")
    gone, _ = make_member(session, "Bao Chen")
    for one in (person, gone):
        answer(session, one.id, gathering.id, RsvpStatus.YES, now=NOW)
        note_need(session, one.id, gathering.id, "childcare", "", NOW).due_at = NOW - timedelta(hours=2)
    answer(session, gone.id, gathering.id, RsvpStatus.NO, now=NOW)
    session.commit()
    page = signed_in(session, monkeypatch).get("/").text

    assert "Ana A." in page
    assert "Bao C." not in page
    assert "due Tue Dec 1 8am" in page


def test_nobody_is_asked_to_arrange_what_is_over(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = NOW - timedelta(days=30)
    over = make_session(session, now=earlier)
    cancelled = make_session(session, now=NOW)
    cancel_session(session, cancelled.id, NOW)
    person, _ = make_member(session, "Ana Aguilar")
    for gathering in (over, cancelled):
        note_need(session, person.id, gathering.id, "childcare", "", NOW).due_at = NOW - timedelta(days=9)
    session.commit()
    assert "Ana A." not in signed_in(session, monkeypatch).get("/").text

    note_need(session, person.id, None, "ride", "", NOW).due_at = NOW - timedelta(days=1)
    session.commit()
    assert "Ana A." in signed_in(session, monkeypatch).get("/").text


def test_sessions_of_two_weeks_and_open_campaigns_are_listed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for title, days in (("Canvassing", 13), ("Facilitation", 15)):
        make_session(session, make_training(session, title), now=NOW, starts_at=NOW + timedelta(days=days), capacity=8)
    for name, state in (("Winter", CampaignState.RUNNING), ("Autumn", CampaignState.DONE)):
        facts = {"flow": "invite", "segment": "everyone", "sender_name": "", "created_by": "x", "created_at": NOW}
        session.add(Campaign(name=name, state=state, starts_at=NOW, **facts))
    session.commit()
    page = signed_in(session, monkeypatch).get("/").text

    assert "Canvassing" in page
    assert "0 of 8 seats taken" in page
    assert "Facilitation" not in page.split("What to try")[0]
    assert "Winter" in page
    assert "Autumn" not in page


def test_the_demo_says_what_to_try_in_order(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    page = signed_in(session, monkeypatch).get("/").text
    places = [page.index(f">{step.title}</a>") for step in TOUR]

    assert places == sorted(places)
    assert 'href="http://127.0.0.1:8001/"' in page


def test_with_a_twilio_account_there_is_nothing_to_try(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(
        session, monkeypatch, Role.ADMIN, **REAL_ACCOUNT, org_name="DSA-LA", on_call_numbers="+12135550134"
    )

    assert "What to try" not in client.get("/").text


@pytest.mark.parametrize(
    ("role", "sees", "not_shown"),
    [
        (Role.VIEWER, "Campaigns under way", "Nobody waits"),
        (Role.TRAINER, "Sessions of the next two weeks", "Campaigns under way"),
        (Role.PHONE_BANKER, "What to do now", "Sessions of the next two weeks"),
        (Role.BRANCH_ORGANIZER, "Nobody waits", "Start a campaign"),
    ],
)
def test_everybody_sees_what_is_theirs(
    session: Session, monkeypatch: pytest.MonkeyPatch, role: Role, sees: str, not_shown: str
) -> None:
    page = signed_in(session, monkeypatch, role).get("/").text

    assert sees in page
    assert not_shown not in page.split("What to try")[0]
