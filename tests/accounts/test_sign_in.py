import pytest
from flask import Flask
from sqlalchemy.orm import Session

from outreach.accounts.users import add_user, change_password
from tests.accounts.factories import NOW, PASSWORD, make_user, send, sign_in
from tests.campaigns.desk import SETTINGS, run


@pytest.fixture
def app(session: Session) -> Flask:
    assert session.bind is not None
    return run()[0]


def test_the_fields_are_labelled_email_and_password(app: Flask) -> None:
    page = app.test_client().get("/login").text
    assert '<label class="form-label" for="email">Email</label>' in page
    assert '<label class="form-label" for="password">Password</label>' in page
    assert "remember" not in page


def test_who_signs_in_goes_where_they_wanted_to(app: Flask, session: Session) -> None:
    client, user = app.test_client(), make_user(session)
    asked = client.get("/campaigns?before=9").location
    assert asked == "/login?next=/campaigns?before%3D9"
    answer = send(client, asked, asked, email=user.email, password=PASSWORD)
    assert answer.location == "/campaigns?before=9"


def test_nobody_is_sent_to_another_site(app: Flask, session: Session) -> None:
    client, user = app.test_client(), make_user(session)
    answer = send(client, "/login", "/login?next=https://evil.example/", email=user.email, password=PASSWORD)
    assert answer.location is None
    assert "outside the domain" in answer.text


def test_a_user_that_the_command_added_signs_in_whatever_the_case(app: Flask, session: Session) -> None:
    user = add_user(session, "luz@example.org", PASSWORD, "admin", "somebody", NOW)
    session.commit()
    hash_before, client = user.password, app.test_client()
    answer = send(client, "/login", "/login", email="LUZ@example.org", password=PASSWORD)
    assert answer.location == "/"
    session.refresh(user)
    assert user.password == hash_before


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app: Flask, session: Session) -> None:
    user, client = make_user(session), app.test_client()
    wrong = send(client, "/login", "/login", email=user.email, password="not this one either")
    unknown = send(client, "/login", "/login", email="nobody@example.org", password=PASSWORD)
    said = [answer.text.partition('id="sign-in-error">')[2].partition("<")[0] for answer in (wrong, unknown)]
    assert said[0]
    assert said[0] == said[1]
    assert f'value="{user.email}"' in wrong.text
    assert client.get("/campaigns").status_code == 302


def test_who_is_not_active_any_more_is_out_at_once(app: Flask, session: Session) -> None:
    client, user = app.test_client(), make_user(session)
    sign_in(client, user)
    assert client.get("/campaigns").status_code == 200
    user.active = False
    session.commit()
    assert client.get("/campaigns").status_code == 302
    assert sign_in(client, user).status_code == 200


def test_a_new_password_signs_everybody_with_the_old_one_out(app: Flask, session: Session) -> None:
    client, user = app.test_client(), make_user(session)
    sign_in(client, user)
    change_password(session, user.email, "another long password", "somebody", NOW)
    session.commit()
    assert client.get("/campaigns").status_code == 302


def test_signing_out_takes_a_form(app: Flask, session: Session) -> None:
    client = app.test_client()
    sign_in(client, make_user(session))
    assert client.get("/logout").status_code == 405
    send(client, "/campaigns", "/logout")
    assert client.get("/campaigns").status_code == 302


@pytest.mark.parametrize("redis_url", ["", "redis://127.0.0.1:1/0"])
def test_passwords_cannot_be_tried_without_end_redis_or_not(session: Session, redis_url: str) -> None:
    app, _ = run(SETTINGS.model_copy(update={"redis_url": redis_url}))
    client, user = app.test_client(), make_user(session)
    answers = [
        send(client, "/login", "/login", email=user.email, password="not this one either").status_code
        for _ in range(11)
    ]
    assert answers == [200] * 10 + [429]
    assert client.get("/login").status_code == 200
