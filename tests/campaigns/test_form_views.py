import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from outreach.accounts.models import AuditEvent, Role
from outreach.accounts.users import find_user
from outreach.campaigns.feeding import feed_slice, fix_recipients
from outreach.campaigns.models import Campaign
from outreach.conversations.flow_files import load_flow, shipped_flows
from outreach.conversations.versions import seed_flows
from outreach.people.models import PhoneNumber
from outreach.process import current
from outreach.texting.models import Kind, Text
from tests.accounts.factories import send
from tests.campaigns.desk import NOW, Waker, seed, signed_in_client, two_sessions
from tests.people.factories import make_number, make_person

PAGE = "/campaigns/new"
MINE = "+12135550177"


@pytest.fixture
def client(session: Session) -> FlaskClient:
    seed(session)
    make_person(session, "Eve Stone", language="en")
    make_person(session, "Ana García", language="es")
    session.commit()
    return signed_in_client(session, email="luz@example.org")


def typed(offered: tuple[int, ...], **changed: object) -> dict[str, object]:
    given = {
        "key": "k" * 32,
        "segment": "everyone",
        "flow": "invite",
        "sessions": list(offered),
        "sender": "Luz",
        "name": "",
        "when": "now",
        "at": "",
        "test_phone": "",
    }
    return {**given, **changed}


def post(client: FlaskClient, do: str, data: dict[str, object]) -> TestResponse:
    return send(client, PAGE, PAGE, do=do, **data)


def test_the_form_shows_who_what_and_when(client: FlaskClient, session: Session) -> None:
    two_sessions(session)
    page = client.get(PAGE).text
    assert re.search(r"<strong>2</strong> people get a text", page)
    assert "Ana G." in page
    assert "García" not in page
    assert "Hola Ana" in page
    assert "Last text" in page


def test_the_script_gets_the_parts_anew(client: FlaskClient, session: Session) -> None:
    offered = two_sessions(session)
    answer = send(client, PAGE, f"{PAGE}/preview", **typed(offered, sender="Marco"))
    assert answer.json is not None
    assert answer.json["people"] == 2
    assert set(answer.json["parts"]) == {"who", "words", "what", "when"}
    assert "Marco from" in answer.json["parts"]["what"]


def test_a_refused_form_keeps_everything_typed_and_says_what_is_wrong_beside_it(
    client: FlaskClient, session: Session
) -> None:
    offered = two_sessions(session)
    page = post(client, "review", typed(offered[:1], name="My own name", when="later", at="2020-01-01T10:00")).text
    assert 'value="My own name"' in page
    assert 'value="2020-01-01T10:00"' in page
    assert 'value="later" checked' in page or re.search(r'checked[^>]*value="later"', page)
    assert re.search(r'id="at-error">This time is past', page)
    assert re.search(rf'checked[^>]*value="{offered[0]}"', page)
    assert not re.search(rf'checked[^>]*value="{offered[1]}"', page)


@pytest.mark.parametrize("at", ["tomorrow", "2027-01-05", ""])
def test_a_time_that_is_none_is_refused(client: FlaskClient, session: Session, at: str) -> None:
    page = post(client, "review", typed(two_sessions(session), when="later", at=at)).text
    assert 'id="at-error"' in page


def test_a_missing_value_is_named_and_keeps_the_campaign_from_starting(client: FlaskClient, session: Session) -> None:
    offered = two_sessions(session)
    page = post(client, "review", typed(offered, sender="")).text
    assert "cannot be launched yet" in page
    assert "Missing: who signs" in page
    assert re.search(r'id="sender-error">Give a first name', page)
    refused = send(client, PAGE, f"{PAGE}/launch", **typed(offered, sender=""))
    assert "cannot be launched yet" in refused.text
    assert session.scalar(select(func.count(Campaign.id))) == 0


def test_the_last_look_repeats_people_cost_and_time_and_carries_all_that_was_typed(
    client: FlaskClient, session: Session
) -> None:
    offered = two_sessions(session)
    page = post(client, "review", typed(offered, name="Spring <classes>")).text
    assert "Look once more" in page
    assert re.search(r"<strong>2</strong> people get a text for <strong>\$0.0\d</strong>", page)
    assert "Spring &lt;classes&gt;" in page
    for name, value in (("segment", "everyone"), ("sender", "Luz"), *(("sessions", str(one)) for one in offered)):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    back = post(client, "edit", typed(offered, name="Spring <classes>")).text
    assert 'value="Spring &lt;classes&gt;"' in back


def test_launching_starts_the_campaign_that_was_shown(client: FlaskClient, session: Session) -> None:
    offered = two_sessions(session)
    answer = send(client, PAGE, f"{PAGE}/launch", **typed(offered))
    campaign = session.scalars(select(Campaign)).one()
    assert answer.location == f"/campaigns/{campaign.id}"
    assert (campaign.flow, campaign.segment, campaign.sender_name) == ("invite", "everyone", "Luz")
    assert campaign.offer["sessions"] == list(offered)
    assert campaign.created_by == "luz@example.org"
    assert session.scalar(select(AuditEvent.who).where(AuditEvent.act == "campaign launched")) == "luz@example.org"
    waker = current().waker
    assert isinstance(waker, Waker)
    assert "outreach.campaigns.jobs.feed" in waker.woken


def test_a_form_sent_twice_launches_once(client: FlaskClient, session: Session) -> None:
    offered = two_sessions(session)
    first, second = (send(client, PAGE, f"{PAGE}/launch", **typed(offered)) for _ in range(2))
    assert first.location == second.location
    other = send(client, PAGE, f"{PAGE}/launch", **typed(offered, key="another"))
    assert other.location != first.location
    assert session.scalar(select(func.count(Campaign.id))) == 2


def test_a_campaign_for_later_begins_on_the_chapter_s_clock(client: FlaskClient, session: Session) -> None:
    local = (NOW + timedelta(days=2)).astimezone(current().settings.zone).replace(second=0, microsecond=0)
    at = f"{local:%Y-%m-%dT%H:%M}"
    send(client, PAGE, f"{PAGE}/launch", **typed(two_sessions(session), when="later", at=at))
    assert session.scalars(select(Campaign.starts_at)).one() == local


def test_a_test_goes_to_oneself_and_counts_in_no_campaign(client: FlaskClient, session: Session) -> None:
    offered = two_sessions(session)
    page = post(client, "test", typed(offered, test_phone="(213) 555-0177")).text
    assert "2 texts are on their way to you" in page
    sent = session.scalars(select(Text).order_by(Text.id)).all()
    assert [text.kind for text in sent] == [Kind.TRANSACTIONAL] * 2
    assert {(text.campaign_id, text.conversation_id, text.first_of_campaign) for text in sent} == {(None, None, False)}
    assert sent[0].body.startswith("Hi Luz,")
    user = find_user(session, "luz@example.org")
    assert user is not None
    assert user.test_phone == MINE
    assert f'value="{MINE}"' in client.get(PAGE).text


def test_a_test_is_refused_for_a_number_that_opted_out(client: FlaskClient, session: Session) -> None:
    make_number(session, MINE, opted_out=True)
    session.commit()
    page = post(client, "test", typed(two_sessions(session), test_phone=MINE)).text
    assert re.search(r'id="test_phone-error">This number opted out', page)
    assert session.scalar(select(func.count(Text.id))) == 0


def test_a_test_is_refused_for_what_is_no_number_and_for_our_own(client: FlaskClient, session: Session) -> None:
    offered = two_sessions(session)
    assert re.search(
        r'id="test_phone-error">The phone number has', post(client, "test", typed(offered, test_phone="555")).text
    )
    assert "send from" in post(client, "test", typed(offered, test_phone=current().settings.senders[0])).text
    known = session.scalars(select(PhoneNumber.phone)).all()
    assert not any(phone.endswith("5550555") for phone in known)


def test_only_organizers_see_the_form(session: Session) -> None:
    assert signed_in_client(session, Role.VIEWER).get(PAGE).status_code == 403


STEP = """
title: Ask to take part
needs: {first_action: words}
expires: 9 days
start: ask
steps:
  ask:
    ask: yes or no
    text:
      en: "Hi {first_name}, {who}: {first_action}? 1 or 2. STOP ends"
      es: "{first_name}: {who}. ¿{first_action}? 1 o 2. ALTO"
    on: {yes: {end: in}, no: {end: out}}
    unclear: {then: person}
    silence: [{after: 1 day, end: no_answer}]
"""


@pytest.fixture
def asks_for_words(session: Session, tmp_path: Path) -> None:
    (tmp_path / "take_part.yaml").write_text(STEP, encoding="utf-8")
    seed_flows(session, {**shipped_flows(), "take_part": load_flow(tmp_path / "take_part.yaml")}, NOW)


def in_words(en: str = "phone bank on Dec 17", es: str = "llamadas el 17 dic", **changed: object) -> dict[str, object]:
    given = {"words_first_action_en": en, "words_first_action_es": es, **changed}
    return typed((), flow="take_part", **given)


@pytest.mark.usefixtures("asks_for_words")
def test_words_that_a_conversation_takes_from_its_campaign_are_asked_for_shown_and_sent(
    client: FlaskClient, session: Session
) -> None:
    assert "words_first_action" not in client.get(PAGE).text
    page = html.unescape(post(client, "preview", in_words()).text)
    assert "First action, in Spanish" in page
    assert 'value="llamadas el 17 dic"' in page
    assert "phone bank on Dec 17? 1 or 2. STOP ends</p>" in page
    assert "¿llamadas el 17 dic? 1 o 2. ALTO</p>" in page
    confirmed = html.unescape(post(client, "review", in_words()).text)
    assert "Look once more" in confirmed
    assert '<input type="hidden" name="words_first_action_es" value="llamadas el 17 dic">' in confirmed
    send(client, PAGE, f"{PAGE}/launch", **in_words())
    campaign = session.scalars(select(Campaign)).one()
    assert campaign.offer["fields"] == {"first_action": {"en": "phone bank on Dec 17", "es": "llamadas el 17 dic"}}
    fix_recipients(session, current().settings, campaign.id, NOW + timedelta(minutes=9))
    while feed_slice(session, current().settings, campaign.id, NOW + timedelta(minutes=9)):
        pass
    bodies = session.scalars(select(Text.body)).all()
    for words in ("Eve, Luz from DSA-LA: phone bank on Dec 17?", "Ana: Luz de DSA-LA. ¿llamadas el 17 dic?"):
        assert any(words in body for body in bodies), words
    assert set(answer_parts(client, in_words())) == {"who", "words", "what", "when"}


def answer_parts(client: FlaskClient, data: dict[str, object]) -> dict[str, str]:
    answer = send(client, PAGE, f"{PAGE}/preview", **data)
    assert answer.json is not None
    parts: dict[str, str] = answer.json["parts"]
    return parts


@pytest.mark.usefixtures("asks_for_words")
def test_words_that_are_missing_or_read_badly_keep_the_campaign_from_starting_and_are_kept_as_typed(
    client: FlaskClient, session: Session
) -> None:
    bad = {
        "en": [
            ("", "Missing: First action, in English. Write it: the texts hold it."),
            ("x" * 33, "First action, in English: it is 33 characters long. Keep it to 32."),
            ("reply HELP to me", "the text asks for HELP, which Twilio or the law claims."),
            ("bit.ly/abc", "the link bit.ly hides where it leads"),
            ("see www.example.org", "the first text holds a link."),
        ],
        "es": [("", "Missing: First action, in Spanish."), ("\u200bllamadas", "it holds a line break or a control")],
    }
    for language, cases in bad.items():
        for words, complaint in cases:
            data = in_words(**{language: words})
            for page in (post(client, "review", data).text, send(client, PAGE, f"{PAGE}/launch", **data).text):
                shown = html.unescape(page)
                assert "cannot be launched yet" in shown, words
                assert complaint in shown, words
                assert f'value="{words}"' in shown, words
                assert f'id="words_first_action_{language}-error"' in shown, words
    assert session.scalar(select(func.count(Campaign.id))) == 0
