"""Stopping all texts, and letting them go on: the second takes another admin than the first."""

from datetime import datetime

from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.errors import OutreachError
from outreach.texting.gates import ALL, close_gate, closed_gate, open_gate

LONGEST_REASON = 200


def stop_all(session: Session, by: str, because: str, now: datetime) -> None:
    """Let nothing leave any more, from this transaction's commit on. Raises OutreachError without a reason."""
    reason = " ".join(because.split())
    if not reason:
        raise OutreachError("Say why, in a few words: everybody will see it")
    if len(reason) > LONGEST_REASON:
        raise OutreachError(f"The reason is longer than {LONGEST_REASON} characters. Say it shorter")
    close_gate(session, ALL, by, reason, now)
    record_act(session, by, "stopped all", now)


def start_again(session: Session, by: str, now: datetime) -> None:
    """Let texts leave again. Raises OutreachError for the one who stopped them."""
    gate = closed_gate(session)
    if gate is None:
        return
    if gate.closed_by == by:
        raise OutreachError("You stopped all texts yourself. Another admin has to start them again")
    open_gate(session, ALL)
    record_act(session, by, "resumed all", now)
