"""The pages of flows and of new members."""

import html
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach import clock
from outreach.accounts.models import AuditEvent, Role, User
from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.models import DutyKind, Welcome
from outreach.conversations.officers import name_duty
from outreach.conversations.welcoming import welcome_new_members
from tests.accounts.factories import make_user, send, sign_in
from tests.conversations.desk_factories import make_app
from tests.factories import make_person, make_settings, seed

EMAIL = "organizer@example.org"


def signed_in(session: Session, monkeypatch: pytest.MonkeyPatch, role: Role = Role.CAMPAIGN_ORGANIZER) -> FlaskClient:
    seed(session)
    client = make_app(monkeypatch).test_client()
    sign_in(client, make_user(session, EMAIL, role))
    return client


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def test_every_flow_has_its_texts_side_by_side_with_their_segments(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(session, monkeypatch)
    listed = page(client, "/flows")
    for name, file in shipped_flows().items():
        assert f'href="/flows/{name}"' in listed
        assert file.flow.title in page(client, f"/flows/{name}")
    trainings = page(client, "/flows/trainings")
    assert "by TRAINING, TRAININGS, CLASS, CLASSES, CLASES, CLASE, TALLER, TALLERES, from anyone" in trainings
    assert "¿A cuál viene?" in trainings
    assert "1 segment (GSM-7" in trainings
    assert "2 segments (UCS-2" in trainings
    assert client.get("/flows/nothing").status_code == 404


def test_the_flyer_names_the_word_the_number_and_what_they_agree_to_in_both_languages(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    flyer = page(signed_in(session, monkeypatch), "/flows/join/flyer")
    for words in ("JOIN", "UNIRME", "Msg & data rates may apply", "Puede haber cargos", "STOP to opt out", "ALTO"):
        assert words in flyer
    for language, words in (shipped_flows()["join"].flow.steps["consent"].text or {}).items():
        assert words.replace("{org}", "DSA-LA") in flyer, language


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PHONE_BANKER, Role.BRANCH_ORGANIZER])
def test_flows_are_shown_to_organizers_of_campaigns(
    session: Session, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    client = signed_in(session, monkeypatch, role)
    assert client.get("/flows").status_code == 403


def test_an_organizer_accepts_a_new_member_on_the_page(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(session, monkeypatch, Role.BRANCH_ORGANIZER)
    now = clock.now()
    user = session.scalars(select(User)).one()
    name_duty(session, user.email, DutyKind.WELCOME, phone="+12135550134", known_as="Luz", by=EMAIL, now=now)
    ana = make_person(session, phone="+12135550101", joined_on=now.date() - timedelta(days=2), created_at=now)
    welcome_new_members(session, make_settings(), now)
    session.commit()
    shown = page(client, "/welcome")
    assert "Ana P." in shown
    assert "+1213" not in shown
    assert send(client, "/welcome", f"/welcome/{ana.id}/accept").status_code == 302
    session.expire_all()
    assert session.get_one(Welcome, ana.id).accepted_at is not None
    assert "member accepted" in session.scalars(select(AuditEvent.act)).all()
    assert "Accepted" in page(client, "/welcome")
