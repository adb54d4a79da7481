from collections import Counter
from collections.abc import Iterator

import pytest
from twilio.rest import Client

from outreach.sandbox.faults import Fault, FaultKind
from outreach.sandbox.server import RunningSandbox
from outreach.texting.reactions import CODES, MEANINGS, UNLISTED, Reaction, reaction_to
from outreach.texting.twilio import Outgoing, Result, send_text
from tests.texting.factories import SENDER

# TWILIO.md 2.5, row by row. Where it leaves a choice, ours is written here.
TABLE = {
    Reaction.HALT: (
        20003, 20005, 20403, 20404, 21212, 21606, 21659, 21603, 21703, 21704, 21701, 21608, 21609, 21712,
        30002, 30018, 30024, 30032, 30034,
    ),
    Reaction.SLOW: (20429, 21611, 30001, 30017, 30022, 30023, 30027, 30025, 30026),
    Reaction.AMB: (20500, 20503),
    Reaction.BAD: (21211, 21217, 21401, 21612, 21614, 21635, 30004, 30006),
    Reaction.OPT: (21610, 30640),
    Reaction.CONTENT: (21602, 21617, 21619, 21620, 21623, 21624, *range(35111, 35119), 30007, 30010, 30019),
    Reaction.SOFT: (30003, 30005, 30008, 30047, 30410),
    Reaction.DROP: (21408, 30036, 30450, 30453, 30610),
    Reaction.ALERT: (11200, 11205, 11210, 11220, 11237, 11751, 12100, 12200, 12300),
}  # fmt: skip
ROWS = [(code, reaction) for reaction, codes in TABLE.items() for code in codes]


@pytest.mark.parametrize(("code", "reaction"), ROWS)
def test_each_code_has_its_reaction(code: int, reaction: Reaction) -> None:
    row = reaction_to(code)
    assert (row.code, row.reaction) == (code, reaction)
    assert row.meaning


def test_the_table_has_these_rows_and_no_others() -> None:
    assert {row.code for row in CODES} == {code for code, _ in ROWS}


def test_no_code_stands_twice() -> None:
    assert [code for code, times in Counter(row.code for row in CODES).items() if times > 1] == []


@pytest.mark.parametrize("code", [None, 0, 1, 99999, -5])
def test_a_code_that_nobody_listed_changes_nothing(code: int | None) -> None:
    assert reaction_to(code) == UNLISTED
    assert UNLISTED.reaction is Reaction.SOFT


def test_the_operator_is_told_what_each_reaction_is() -> None:
    assert set(MEANINGS) == set(Reaction)


@pytest.fixture
def refusing(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    yield sandbox
    sandbox.sandbox.account.faults.clear()


@pytest.mark.parametrize("code", [row.code for row in CODES if 21000 <= row.code < 30000])
def test_each_code_at_the_door_arrives_as_it_is(refusing: RunningSandbox, client: Client, code: int) -> None:
    refusing.sandbox.account.faults.add(Fault(FaultKind.CODE, count=1, code=code))
    outcome = send_text(client, Outgoing("+12135550150", SENDER, "Hola", "http://127.0.0.1:9/s", 600))
    assert (outcome.result, outcome.code) == (Result.REFUSED, code)
