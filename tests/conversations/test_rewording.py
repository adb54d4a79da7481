"""A text that is changed in the web: checked as its file is, used at once, taken back, chosen when the file changed."""

import html
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from outreach.accounts.models import AuditEvent, Role
from outreach.conversations import versions
from outreach.conversations.edited_models import EditedWording
from outreach.conversations.flow_files import SHIPPED, load_flow, shipped_flows
from outreach.conversations.versions import flow_of, newest_version_id, seed_flows
from tests.accounts.factories import make_user, send, sign_in
from tests.conversations.desk_factories import make_app
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

ANA, BEN = "+12135550101", "+12135550102"
NEEDS = "/flows/invite/words/needs/text"
FIRST = "/flows/invite/words/invite_to_one/text"
EN = "Great, {session}, {place}. Do you need childcare, a ride, an interpreter or access? Nothing? Text 0."
ES = "Muy bien: {session}, {place}. ¿Necesita cuidado de niños, transporte, intérprete o acceso? Nada: 0"


@pytest.fixture
def client(session: Session, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(versions, "LOOK_EVERY", 0.0)
    seed(session)
    client = make_app(monkeypatch).test_client()
    sign_in(client, make_user(session, "luz@example.org", Role.CAMPAIGN_ORGANIZER))
    return client


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.text)


def seal_on(client: FlaskClient, path: str) -> str:
    return page(client, path).partition('name="seal" value="')[2].partition('"')[0]


def save(client: FlaskClient, path: str = NEEDS, *, en: str = EN, es: str = ES, **more: str) -> TestResponse:
    return send(client, path, path, **{"en": en, "es": es, "do": "save", "seal": seal_on(client, path), **more})


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))


def invited(session: Session) -> Talk:
    """Return where Ana and Ben have just been invited."""
    for phone in (ANA, BEN):
        make_person(session, phone=phone)
    talk = Talk()
    talk.invite(make_session(session).id)
    for phone in (ANA, BEN):
        talk.heard(phone)
    return talk


def change_file(session: Session, folder: Path, old: str, new: str) -> None:
    source = (SHIPPED / "invite.yaml").read_text(encoding="utf-8")
    assert old in source
    (folder / "invite.yaml").write_text(source.replace(old, new), encoding="utf-8")
    seed_flows(session, {**shipped_flows(), "invite": load_flow(folder / "invite.yaml")}, NOW.replace(hour=20))
    session.flush()


def test_a_text_is_said_in_the_words_of_the_web_until_they_are_taken_back(
    session: Session, client: FlaskClient
) -> None:
    talk = invited(session)
    answer = save(client)
    assert answer.location == "/flows/invite#needs-text"
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("Great, Sat Dec 12 10am, Boyle Heights. Do you need")
    shown = page(client, "/flows/invite")
    assert "Changed here" in shown
    assert "Muy bien: sáb 12 dic 10am" in shown
    assert "luz@example.org" in page(client, NEEDS)
    assert send(client, NEEDS, f"{NEEDS}/choose", words="file").status_code == 302
    talk.write(BEN, "1")
    assert talk.heard(BEN)[0].startswith("You're in: ")
    assert [act for act in acts(session) if "wording" in act] == ["wording changed", "wording taken back"]
    details = session.scalars(select(AuditEvent.details).where(AuditEvent.act == "wording changed")).one()
    assert details == {"flow": "invite", "step": "needs", "text": "text"}


REFUSED: list[tuple[str, dict[str, str], str]] = [
    (NEEDS, {"en": EN.replace("{place}", "{plase}")}, "Unknown placeholder {plase}. Did you mean “place”?"),
    (NEEDS, {"en": EN.replace("{place}", "place}")}, "A brace stands alone or holds no placeholder's name."),
    (NEEDS, {"en": f"{EN} Reply YES."}, "The text asks for YES, which Twilio or the law claims. Ask for a digit"),
    (NEEDS, {"en": f"{EN} bit.ly/abc"}, "The link bit.ly hides where it leads, and carriers block it."),
    (NEEDS, {"es": f"{ES} ¿Qué necesita? Díganos."}, "3 segments. Shorten it to 2."),
    (NEEDS, {"en": EN.replace("{place}", "here")}, "{place} stands in one language alone."),
    (NEEDS, {"es": " "}, "The wording is missing. Write it in both languages."),
    (NEEDS, {"en": "a\x07b"}, "The wording holds a control character. Take it out"),
    (NEEDS, {"en": "long " * 300}, "The wording is longer than 1000 characters."),
    (FIRST, {"en": "Hi {first_name}, {menu} Coming?"}, "The first text does not say how to stop texts. End it"),
    (FIRST, {"en": "{who}: see www.example.org {menu}. STOP"}, "The first text holds a link."),
    (
        FIRST,
        {"en": f"Hi {{first_name}}, {{who}} {'o' * 99} {{menu}}. STOP"},
        "Shorten it to 134, or leave the name",
    ),
]


def test_words_that_the_checker_refuses_are_kept_as_typed_beside_the_complaint(
    session: Session, client: FlaskClient
) -> None:
    for path, words, complaint in REFUSED:
        answer = save(client, path, **words)
        shown = html.unescape(answer.text)
        assert answer.status_code == 422, complaint
        assert complaint in shown
        for typed in words.values():
            assert f">\n{typed.strip()}</textarea>" in shown, complaint
    assert session.scalars(select(EditedWording)).all() == []


def test_words_can_be_looked_at_before_they_are_saved(session: Session, client: FlaskClient) -> None:
    shown = html.unescape(save(client, do="look").text)
    assert "Great, Sat Dec 12 10am, Boyle Heights. Do you need" in shown
    assert "hard: 2 segments (UCS-2" in shown
    assert session.scalars(select(EditedWording)).all() == []


def test_every_text_of_every_flow_can_be_saved_as_it_is(session: Session, client: FlaskClient) -> None:
    """The page shows no text whose own words it would refuse; saving them changes nothing."""
    for name in ("invite",):
        for link in {
            part.partition('"')[0] for part in page(client, f"/flows/{name}").split('href="') if "/words/" in part[:60]
        }:
            shown = page(client, link)
            en, es = (
                shown.partition(f'id="{code}" ')[2].partition(">\n")[2].partition("</text")[0] for code in ("en", "es")
            )
            assert save(client, link, en=en, es=es).status_code == 302, link
    assert session.scalars(select(EditedWording)).all() == []


@pytest.mark.parametrize(("chosen", "said"), [("ours", "Great, Sat"), ("file", "Perfect: Sat")])
def test_once_the_file_changes_too_both_are_shown_and_a_person_chooses(
    session: Session, client: FlaskClient, tmp_path: Path, chosen: str, said: str
) -> None:
    talk = invited(session)
    save(client)
    # Another text of the same flow, and another part of the same step, change nothing about it.
    change_file(session, tmp_path, "title: ", "title: New ")
    assert "To choose" not in page(client, "/flows/invite")
    change_file(session, tmp_path, "\"You're in: ", '"Perfect: ')
    assert "Words to choose" in page(client, "/flows")
    shown = page(client, NEEDS)
    assert "Great, {session}" in shown
    assert "Perfect: {session}" in shown
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("Perfect: Sat")
    assert send(client, NEEDS, f"{NEEDS}/choose", words=chosen).status_code == 302
    assert "Words to choose" not in page(client, "/flows")
    talk.write(BEN, "1")
    assert talk.heard(BEN)[0].startswith(said)


def test_who_saves_over_somebody_elses_change_sees_it_first(session: Session, client: FlaskClient) -> None:
    stale = seal_on(client, NEEDS)
    save(client)
    answer = save(client, en=EN.replace("Great", "Super"), seal=stale)
    shown = html.unescape(answer.text)
    assert answer.status_code == 422
    assert "Somebody changed this text meanwhile." in shown
    assert "Great, {session}" in shown
    assert ">\nSuper, {session}" in shown
    assert session.scalars(select(EditedWording.en)).one() == EN


def test_a_process_that_saw_the_old_words_sees_the_new_ones_within_seconds(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_id = newest_version_id(session, "invite")
    assert version_id is not None
    monkeypatch.setattr(versions, "LOOK_EVERY", 2.0)
    monkeypatch.setattr("outreach.conversations.rewording_views.look_again", lambda: None)
    elapsed = [1000.0]
    monkeypatch.setattr("outreach.conversations.versions.time.monotonic", lambda: elapsed[0])
    versions.look_again()

    def said() -> str:
        return (flow_of(session, version_id).steps["needs"].text or {})["en"]

    before = said()
    save(client)
    assert said() == before
    elapsed[0] += 2.0
    assert said() == EN


def test_only_organizers_of_campaigns_change_words_and_only_of_texts_that_there_are(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/flows/nothing/words/needs/text", "/flows/invite/words/needs/silence-9", "/flows/invite/words/x/y"):
        assert client.get(path).status_code == 404
    assert send(client, NEEDS, f"{NEEDS}/choose", words="both").status_code == 400
    viewer = make_app(monkeypatch).test_client()
    sign_in(viewer, make_user(session, "viewer@example.org", Role.VIEWER))
    assert viewer.get(NEEDS).status_code == 403
    assert send(viewer, "/", NEEDS, en=EN, es=ES).status_code == 403
