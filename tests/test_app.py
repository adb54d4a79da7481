"""What holds for every page: sign-in, roles, and what browsers are told."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from outreach import database, process
from outreach.accounts.access import PUBLIC
from outreach.accounts.models import Role
from outreach.app import create_app
from outreach.settings import Settings
from tests.accounts.factories import make_user, sign_in

# Flask-Security's own: ending a session, and files that no page of ours loads.
ANYBODY_SIGNED_IN = {"security.logout", "security.static"}


@pytest.fixture
def app(session: Session, monkeypatch: pytest.MonkeyPatch) -> Flask:
    assert session.is_active
    return make_app(monkeypatch)


def make_app(monkeypatch: pytest.MonkeyPatch, **given: object) -> Flask:
    settings = Settings.model_validate({"secret_key": "s" * 32, "suppression_key": "k" * 32, **given})
    started = process.Process(settings, engine=None, waker=SilentWaker())  # type: ignore[arg-type]
    monkeypatch.setattr(process, "_current", started)
    return create_app(started)


class SilentWaker:
    def wake(self, job: str, rest: float = 0.0) -> bool:  # noqa: ARG002 - the waker's form
        return bool(job)


def any_address(app: Flask, endpoint: str) -> list[tuple[str, str]]:
    """Return method and address of every rule of an endpoint, with 1 for each of its variables."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    return [
        (method, re.sub(r"<[^>]+>", "1", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}
    ]


def test_every_page_needs_sign_in_unless_it_is_on_the_list(app: Flask) -> None:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - PUBLIC
    assert "stopping.show" in endpoints
    for endpoint in endpoints:
        for method, address in any_address(app, endpoint):
            answer = client.open(address, method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login"), (method, address)


def test_every_page_says_whose_it_is(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        if endpoint not in PUBLIC | ANYBODY_SIGNED_IN:
            assert getattr(view, "roles", None), f"{endpoint} has neither signed_in nor roles_required"


def test_health_and_twilio_need_neither_sign_in_nor_a_token(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/health/live").status_code == 200
    assert client.post("/twilio/message", data={"From": "+12135550101"}).status_code == 403
    assert b"signature" not in client.post("/twilio/status").data


def test_a_machine_that_is_not_signed_in_gets_no_page(app: Flask) -> None:
    assert app.test_client().get("/campaigns", headers={"Accept": "application/json"}).status_code == 401


def test_nothing_on_a_page_may_come_from_elsewhere_or_stand_in_line(app: Flask) -> None:
    answer = app.test_client().get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|onclick=|https?://", answer.text)


def test_a_form_without_its_token_changes_nothing(app: Flask, session: Session) -> None:
    client = app.test_client()
    sign_in(client, make_user(session))
    answer = client.post("/stop-all", data={"because": "a trick"})
    assert answer.status_code == 400
    assert "too old" in answer.text


def test_cookies_are_for_https_alone_where_the_address_is(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(session)
    secure = make_app(monkeypatch, public_url="https://texts.example.org")
    answer = sign_in(secure.test_client(), user, "https://texts.example.org")
    assert_cookie(answer.headers["Set-Cookie"], "HttpOnly", "SameSite=Lax", "Secure")
    assert "Strict-Transport-Security" in answer.headers
    plain = sign_in(make_app(monkeypatch).test_client(), user)
    assert_cookie(plain.headers["Set-Cookie"], "HttpOnly", "SameSite=Lax")
    assert "Secure" not in plain.headers["Set-Cookie"]


def assert_cookie(cookie: str, *marks: str) -> None:
    for mark in marks:
        assert mark in cookie


def test_a_role_opens_its_pages_and_no_others(app: Flask, session: Session) -> None:
    trainer = app.test_client()
    sign_in(trainer, make_user(session, role=Role.TRAINER))
    refused = trainer.get("/campaigns")
    assert refused.status_code == 403
    assert "not open to your role" in refused.text
    assert 'href="/campaigns"' not in refused.text
    organizer = app.test_client()
    sign_in(organizer, make_user(session, role=Role.CAMPAIGN_ORGANIZER))
    assert organizer.get("/campaigns").status_code == 200
    assert organizer.get("/stop-all").status_code == 403


def test_a_database_that_is_away_is_said_plainly_and_the_process_still_lives(app: Flask, session: Session) -> None:
    client = app.test_client()
    sign_in(client, make_user(session))
    away = database.make_engine("postgresql://127.0.0.1:1/nowhere", 1)
    database.configure(away)
    for address in ("/campaigns", "/"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert "The database does not answer" in answer.text
    assert client.post("/twilio/message", data={"From": "+12135550101"}).status_code in {403, 503}
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
    away.dispose()


def test_a_fault_of_ours_shows_no_value_and_logs_none(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("+12135550188")

    monkeypatch.setitem(app.view_functions, "campaigns.show_all", fail)
    client = app.test_client()
    sign_in(client, make_user(session))
    answer = client.get("/campaigns")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    said = "".join(capsys.readouterr())
    assert "ValueError at test_app.py" in said
    assert "0188" not in said + answer.text


def test_an_address_that_leads_nowhere_says_so(app: Flask, session: Session) -> None:
    client: FlaskClient = app.test_client()
    sign_in(client, make_user(session))
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
