from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.consent import was_opted_out
from outreach.people.models import ConsentEvent, NumberStatus
from outreach.settings import Settings
from outreach.texting.gates import ALL, closed_gate
from outreach.texting.models import Gate, SenderPace, TextStatus
from outreach.texting.pace import lock_paces
from outreach.texting.reacting import SENDER_REST, Trouble, react
from outreach.texting.reactions import CODES, Reaction
from tests.texting.factories import NOW, SENDER, make_text, textable_number

QUIET = [row.code for row in CODES if row.reaction in {Reaction.SOFT, Reaction.CONTENT, Reaction.DROP, Reaction.AMB}]


def meet(session: Session, code: int | None, gate: str | None = "campaign:1") -> Trouble:
    trouble = Trouble(textable_number(session).id, SENDER, gate, code)
    react(session, trouble, NOW)
    session.expire_all()
    return trouble


def test_an_opt_out_is_written_in_the_ledger_once(session: Session, started: Settings) -> None:
    number = textable_number(session)
    for _ in range(2):
        react(session, Trouble(number.id, SENDER, None, 21610), NOW)
    assert was_opted_out(session, number.phone, started.suppression_key.get_secret_value())
    [event] = session.scalars(select(ConsentEvent)).all()
    assert (event.source, event.rule, event.raw_text) == ("twilio", "error 21610", None)


@pytest.mark.usefixtures("started")
def test_a_bad_number_gets_nothing_of_what_waits(session: Session) -> None:
    number = textable_number(session)
    waiting, other = make_text(session, number), make_text(session)
    react(session, Trouble(number.id, SENDER, None, 21614), NOW)
    session.expire_all()
    assert number.status == NumberStatus.BAD
    assert (waiting.status, other.status) == (TextStatus.SUPPRESSED, TextStatus.QUEUED)


@pytest.mark.usefixtures("started")
def test_a_full_queue_lets_its_sender_rest(session: Session) -> None:
    lock_paces(session, (SENDER,), 1.0, NOW)
    meet(session, 21611)
    assert session.scalars(select(SenderPace.slow_until)).one() == NOW + SENDER_REST
    assert timedelta(minutes=1) <= SENDER_REST


@pytest.mark.usefixtures("started")
def test_wrong_settings_pause_the_campaign_alone(session: Session) -> None:
    meet(session, 21606)
    assert closed_gate(session, "campaign:1") is not None
    assert closed_gate(session, ALL) is None


@pytest.mark.usefixtures("started")
def test_wrong_settings_at_an_answer_stop_everything(session: Session) -> None:
    meet(session, 20003, gate=None)
    gate = closed_gate(session, ALL)
    assert gate is not None
    assert gate.because == "Twilio error 20003: credentials are wrong"


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("code", [*QUIET, None, 99999])
def test_other_codes_touch_neither_number_nor_sender_nor_gate(session: Session, code: int | None) -> None:
    lock_paces(session, (SENDER,), 1.0, NOW)
    number = textable_number(session)
    react(session, Trouble(number.id, SENDER, "campaign:1", code), NOW)
    session.expire_all()
    assert (number.status, number.texts_opted_out_at) == (NumberStatus.OK, None)
    assert session.scalars(select(SenderPace.slow_until)).one() is None
    assert session.scalars(select(Gate).where(Gate.closed_at.is_not(None))).all() == []
