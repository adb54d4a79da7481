from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from outreach.sandbox.database import Database
from outreach.sandbox.messages import RANKS, Message, MessageQuery, MessageTable, Status
from tests.sandbox.factories import MEMBER, SENDER


def make_message(number: int, **changes: object) -> Message:
    message = Message(f"SM{number}", "outbound-api", SENDER, MEMBER, MEMBER, "hi", Status.QUEUED, 1, 1.0, 1.0)
    return replace(message, **changes)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from([Status.QUEUED, Status.SENT, Status.DELIVERED, Status.FAILED, Status.UNDELIVERED])))
def test_a_status_only_ever_moves_forward(statuses: list[Status]) -> None:
    table = MessageTable(Database(None), keep=100)
    message = make_message(1)
    message = replace(message, id=table.insert(message))
    before = RANKS[Status.QUEUED]
    for status in statuses:
        table.advance(message, status, None, SENDER)
        found = table.find("SM1")
        assert found is not None
        assert RANKS[found.status] == max(before, RANKS[status])
        before = RANKS[found.status]


def test_the_oldest_texts_are_forgotten() -> None:
    table = MessageTable(Database(None), keep=500)
    for number in range(2000):
        table.insert(make_message(number))
    assert len(table.search(MessageQuery())) == 500
    assert table.search(MessageQuery(limit=1))[0].sid == "SM1999"
