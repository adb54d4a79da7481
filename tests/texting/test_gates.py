from sqlalchemy.orm import Session

from outreach.texting.gates import ALL, close_gate, closed_gate, open_gate
from tests.texting.factories import MINUTE, NOW


def test_a_gate_that_nobody_named_is_open(session: Session) -> None:
    assert closed_gate(session) is None
    open_gate(session, "campaign:1")
    assert closed_gate(session, "campaign:1") is None


def test_who_closed_it_first_stays_on_record(session: Session) -> None:
    close_gate(session, ALL, "ana@example.org", "wrong words", NOW)
    close_gate(session, ALL, "twilio", "Twilio error 30034", NOW + MINUTE)
    gate = closed_gate(session)
    assert gate is not None
    assert (gate.closed_by, gate.because, gate.closed_at) == ("ana@example.org", "wrong words", NOW)


def test_an_opened_gate_forgets_why_it_was_closed(session: Session) -> None:
    close_gate(session, ALL, "ana", "wrong words", NOW)
    open_gate(session, ALL)
    session.expire_all()
    assert closed_gate(session) is None
    close_gate(session, ALL, "luz", "again", NOW + MINUTE)
    gate = closed_gate(session)
    assert gate is not None
    assert gate.because == "again"


def test_one_gate_says_nothing_of_another(session: Session) -> None:
    close_gate(session, "campaign:1", "ana", "paused", NOW)
    assert closed_gate(session, "campaign:2") is None
    assert closed_gate(session) is None
