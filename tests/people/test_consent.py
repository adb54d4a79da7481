from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from outreach.people.consent import (
    number_hash,
    opt_in_number,
    opt_out_number,
    record_consent,
    was_opted_out,
)
from outreach.people.models import ConsentAction, ConsentEvent, NumberStatus, PhoneNumber, Scope
from outreach.people.numbers import find_or_create_number
from tests.people.factories import KEY, NOW, make_number

LATER = NOW + timedelta(days=1)


def actions(session: Session, number: PhoneNumber) -> list[str]:
    mine = ConsentEvent.number_hash == number_hash(number.phone, KEY)
    return [
        str(action) for action in session.scalars(select(ConsentEvent.action).where(mine).order_by(ConsentEvent.id))
    ]


def stop(session: Session, number: PhoneNumber, scope: Scope = Scope.TEXTS) -> None:
    opt_out_number(session, number, scope=scope, source="text", rule="stop", raw_text="STOP", now=NOW, key=KEY)


def test_stop_is_in_the_ledger_and_on_the_number(session: Session) -> None:
    number = make_number(session)
    stop(session, number)
    assert number.texts_opted_out_at == NOW
    assert number.calls_opted_out_at is None
    assert was_opted_out(session, number.phone, KEY)
    assert not was_opted_out(session, number.phone, KEY, Scope.CALLS)


def test_a_second_stop_keeps_the_first_time(session: Session) -> None:
    number = make_number(session)
    stop(session, number)
    opt_out_number(session, number, scope=Scope.TEXTS, source="call", now=LATER, key=KEY)
    assert number.texts_opted_out_at == NOW
    assert actions(session, number) == ["opt_out", "opt_out"]


def test_start_lifts_the_opt_out_of_texts_and_is_consent(session: Session) -> None:
    number = make_number(session, consented=False)
    stop(session, number)
    stop(session, number, Scope.CALLS)
    opt_in_number(session, number, source="text", rule="start", raw_text="START", now=LATER, key=KEY)
    assert number.texts_opted_out_at is None
    assert number.consented_at == LATER
    assert number.calls_opted_out_at == NOW
    assert not was_opted_out(session, number.phone, KEY)


def test_a_list_never_lifts_an_opt_out_but_a_signature_does(session: Session) -> None:
    number = make_number(session, consented=False)
    stop(session, number)
    assert not record_consent(session, number, wording="joined", source="list", by=None, now=LATER, key=KEY)
    assert number.texts_opted_out_at == NOW
    assert actions(session, number) == ["opt_out"]
    assert record_consent(session, number, wording="form", source="sheet", by="Ana", now=LATER, key=KEY, signed=True)
    assert number.texts_opted_out_at is None
    assert number.consented_at == LATER
    assert not was_opted_out(session, number.phone, KEY)


def test_an_opt_out_survives_the_number_and_only_its_own_key_finds_it(session: Session) -> None:
    number = make_number(session)
    phone = number.phone
    stop(session, number)
    stop(session, number, Scope.CALLS)
    session.execute(delete(PhoneNumber))
    again = find_or_create_number(session, phone, LATER, KEY)
    assert (again.texts_opted_out_at, again.calls_opted_out_at) == (NOW, NOW)
    assert not was_opted_out(session, phone, "x" * 32)


def test_the_ledger_holds_no_number(session: Session) -> None:
    number = make_number(session)
    stop(session, number)
    line = session.scalars(select(ConsentEvent)).one()
    assert line.action == ConsentAction.OPT_OUT
    assert number.phone not in repr(vars(line))
    assert len(line.number_hash) == 64


@pytest.mark.parametrize("change", ["UPDATE consent_events SET rule = 'x'", "DELETE FROM consent_events"])
def test_the_ledger_only_grows(session: Session, change: str) -> None:
    stop(session, make_number(session))
    with pytest.raises(DBAPIError, match="only ever added"), session.begin_nested():
        session.execute(text(change))


@pytest.mark.parametrize("status", [NumberStatus.BAD, NumberStatus.INVALID])
def test_who_says_start_from_a_number_that_failed_is_reached_there_again(
    session: Session, status: NumberStatus
) -> None:
    number = make_number(session, status=status)
    opt_in_number(session, number, source="text", now=NOW, key=KEY)
    assert number.status == NumberStatus.OK
