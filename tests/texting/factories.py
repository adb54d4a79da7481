"""Factories of texts, settings and outcomes for tests of the way out."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.sandbox.config import SandboxConfig
from outreach.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN, Settings
from outreach.texting.claims import Claim
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import Draft, put_in_outbox
from outreach.texting.recording import Sent
from outreach.texting.twilio import Outcome, Result
from tests.people.factories import make_number

SENDER = "+12135550100"
OTHER_SENDER = "+13235550100"
NOW = datetime(2026, 12, 2, 18, 0, tzinfo=UTC)  # a Wednesday, 10 in the morning in Los Angeles
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
_sids = count(1)


def make_settings(**given: Any) -> Settings:
    """Return the sandbox's settings: texts leave at any hour, from one sender, as fast as may be."""
    fixed = {"sender_rate": 1000, "twilio_phone_numbers": SENDER, "suppression_key": "k" * 32, "secret_key": "s" * 32}
    return Settings.model_validate(fixed | given)


def sandbox_config(**given: Any) -> SandboxConfig:
    """Return a sandbox for those settings that posts no callbacks unless it is told to."""
    fixed: dict[str, Any] = {
        "account_sid": SANDBOX_ACCOUNT_SID,
        "auth_token": SANDBOX_AUTH_TOKEN,
        "senders": (SENDER, OTHER_SENDER),
        "inbound_url": "http://127.0.0.1:9/twilio/message",
        "instant": True,
    }
    return SandboxConfig(**(fixed | given))


def any_sid() -> str:
    return f"SM{next(_sids):032x}"


def textable_number(session: Session, phone: str | None = None, **facts: Any) -> PhoneNumber:
    number = make_number(session, phone, **facts)
    number.sender = SENDER
    return number


def make_text(
    session: Session,
    number: PhoneNumber | None = None,
    *,
    body: str = "Hola",
    kind: Kind = Kind.BULK,
    now: datetime = NOW,
    status: TextStatus = TextStatus.QUEUED,
    **facts: Any,
) -> Text:
    """Put a text in the outbox; `facts` are of its draft where that has them, else of the row."""
    of_draft = {name: facts.pop(name) for name in list(facts) if name in Draft.__dataclass_fields__}
    draft = Draft(body=body, kind=kind, **of_draft)
    row = session.get_one(Text, put_in_outbox(session, number or textable_number(session), draft, now))
    row.status = status
    for name, value in facts.items():
        setattr(row, name, value)
    session.flush()
    return row


def claimed_text(session: Session, *, number: PhoneNumber | None = None, now: datetime = NOW, **facts: Any) -> Text:
    """Return a text that a drainer has claimed and not yet recorded."""
    given: dict[str, Any] = {"status": TextStatus.SENDING, "claim": "c" * 32, "claimed_at": now, "attempts": 1}
    return make_text(session, number, now=now, **(given | facts))


def claim_of(text: Text, number: PhoneNumber) -> Claim:
    return Claim(
        id=text.id,
        number_id=number.id,
        phone=number.phone,
        sender=text.sender or SENDER,
        body=text.body,
        gate=text.gate,
        campaign_id=text.campaign_id,
        key=text.claim or "",
        attempt=text.attempts,
        due_at=text.due_at or NOW,
        claimed_at=text.claimed_at or NOW,
        valid_seconds=600,
        automated=text.automated,
        exempt_from_opt_out=text.exempt_from_opt_out,
    )


def sent(session: Session, text: Text, result: Result, code: int | None = None, sid: str | None = None) -> Sent:
    """Return a claim of a text together with what its call came to."""
    number = session.get_one(PhoneNumber, text.number_id)
    return Sent(claim_of(text, number), Outcome(result, sid=sid, code=code))
