import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.campaigns.stopping import start_again, stop_all
from outreach.errors import OutreachError
from outreach.process import current
from outreach.texting.gates import ALL, close_gate, closed_gate
from tests.accounts.factories import send
from tests.campaigns.desk import NOW, Waker, signed_in_client


def test_one_button_on_every_page_stops_all_and_every_page_says_who_when_and_why(session: Session) -> None:
    client = signed_in_client(session, Role.ADMIN, "ada@example.org")
    assert "Stop all texts now" in client.get("/campaigns").text
    send(client, "/campaigns", "/stop-all", because="A text went to the wrong list")
    for page in ("/campaigns", "/campaigns/new", "/stop-all"):
        shown = client.get(page).text
        assert re.search(r"By ada@example.org, \w+ \w+ \d+ [\d:]+[ap]m: A text went to the wrong list", shown)
        assert "Stop all texts now" not in shown
    gate = closed_gate(session)
    assert gate is not None
    assert gate.closed_by == "ada@example.org"


def test_a_reason_is_needed_and_what_was_typed_stays(session: Session) -> None:
    client = signed_in_client(session, Role.ADMIN)
    refused = send(client, "/campaigns", "/stop-all", because=" ")
    assert 'id="because-error"' in refused.text
    long = send(client, "/campaigns", "/stop-all", because="x" * 201)
    assert "longer than 200" in long.text
    assert "x" * 201 in long.text
    assert closed_gate(session) is None


def test_starting_again_takes_another_admin(session: Session) -> None:
    first = signed_in_client(session, Role.ADMIN, "ada@example.org")
    send(first, "/campaigns", "/stop-all", because="Wait")
    assert "Start texts again" not in first.get("/campaigns").text
    refused = send(first, "/campaigns", "/stop-all/start-again")
    assert "Another admin has to start them again" in refused.text
    assert closed_gate(session) is not None
    second = signed_in_client(session, Role.ADMIN, "bea@example.org")
    assert "Start texts again" in second.get("/campaigns").text
    send(second, "/campaigns", "/stop-all/start-again")
    assert closed_gate(session) is None
    done = select(AuditEvent.who, AuditEvent.act).where(AuditEvent.act != "signed in").order_by(AuditEvent.id)
    acts = session.execute(done).all()
    assert acts == [("ada@example.org", "stopped all"), ("bea@example.org", "resumed all")]
    waker = current().waker
    assert isinstance(waker, Waker)
    assert waker.woken


def test_an_organizer_sees_that_all_is_stopped_and_cannot_change_it(session: Session) -> None:
    close_gate(session, ALL, "ada@example.org", "Wait", NOW)
    session.commit()
    client = signed_in_client(session)
    page = client.get("/campaigns").text
    assert "All texts are stopped" in page
    assert "Start texts again" not in page
    assert send(client, "/campaigns/new", "/stop-all/start-again").status_code == 403


def test_what_twilio_or_the_command_line_stopped_any_admin_starts(session: Session) -> None:
    for by in ("twilio", "command line (ops)"):
        close_gate(session, ALL, by, "Twilio error 20003", NOW)
        start_again(session, "ada@example.org", NOW)
        assert closed_gate(session) is None


def test_who_stopped_first_stays_on_record(session: Session) -> None:
    stop_all(session, "ada@example.org", "Wait", NOW)
    stop_all(session, "bea@example.org", "Me too", NOW)
    gate = closed_gate(session)
    assert gate is not None
    assert (gate.closed_by, gate.because) == ("ada@example.org", "Wait")
    with pytest.raises(OutreachError):
        start_again(session, "ada@example.org", NOW)


def test_starting_what_is_not_stopped_changes_nothing(session: Session) -> None:
    start_again(session, "ada@example.org", NOW)
    assert session.scalar(select(AuditEvent.id)) is None
