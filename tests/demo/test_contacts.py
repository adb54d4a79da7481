from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from outreach.demo.contacts import contacts, push_contacts
from outreach.demo.duties import DUTIES
from outreach.demo.tour import PHONES, TOUR, terminal_lines
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.server import RunningSandbox
from outreach.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN, SANDBOX_ON_CALL, SANDBOX_SENDER
from tests.browser.desk import free_port
from tests.demo.factories import demo_settings


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    config = SandboxConfig(
        account_sid=SANDBOX_ACCOUNT_SID,
        auth_token=SANDBOX_AUTH_TOKEN,
        senders=(SANDBOX_SENDER,),
        inbound_url="http://127.0.0.1:9/twilio/message",
    )
    with RunningSandbox(config) as running:
        yield running


def test_the_phones_page_knows_everybody_by_name_after_a_push(
    seeded: Session, tmp_path: Path, sandbox: RunningSandbox
) -> None:
    settings = demo_settings(tmp_path, twilio_api_url=sandbox.url)
    pushed = [push_contacts(seeded, settings) for _ in range(2)]
    members = sandbox.sandbox.account.members

    assert pushed == [True, True]
    on_call = members.find_phone(SANDBOX_ON_CALL)
    shared = members.find_phone("+13105550150")
    assert on_call is not None
    assert on_call.name == "On call"
    assert shared is not None
    assert shared.name.count(" / ") == 1
    assert {member.language for member in members.latest(200)} == {"en", "es"}


def test_a_sandbox_that_is_away_is_no_error(seeded: Session, tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, twilio_api_url=f"http://127.0.0.1:{free_port()}")

    assert push_contacts(seeded, settings) is False


def test_nothing_is_pushed_to_a_real_account(session: Session, tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, twilio_account_sid="AC" + "1" * 32, twilio_api_url="http://127.0.0.1:9")

    assert push_contacts(session, settings) is False


def test_contacts_hold_every_member_once(seeded: Session, tmp_path: Path) -> None:
    listed = contacts(seeded, demo_settings(tmp_path))

    phones_of_ours = 1 + len({phone for _, _, phone, _ in DUTIES})
    assert len(listed) == 300 + phones_of_ours
    assert listed[0]["phone"] == SANDBOX_ON_CALL


def test_the_terminal_says_who_signs_in_and_what_to_try_in_order() -> None:
    lines = terminal_lines([("admin@example.org", "abcd-efgh-jkmn")], "http://127.0.0.1:8001")

    assert lines[0] == "Sign in: admin@example.org  abcd-efgh-jkmn"
    assert [line.partition(". ")[2] for line in lines[2:]] == [step.title for step in TOUR]
    assert terminal_lines([], "http://127.0.0.1:8001") == []


def test_the_tour_goes_in_the_order_that_convinces() -> None:
    first = ("Launch a", "left out", "answer", "in peace", "again", "childcare")
    order = (*first, "cry", "complaint", "classes", "new member", "clock", "worker", "Stop")

    assert [part in step.title for part, step in zip(order, TOUR, strict=True)] == [True] * len(order)
    assert all(step.where == PHONES or step.where.startswith("/") for step in TOUR)
