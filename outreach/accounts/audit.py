"""The trail of who did what."""

import getpass
from datetime import datetime

from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent


def record_act(session: Session, who: str, act: str, now: datetime, **details: object) -> None:
    """Add a line to the audit trail. Details are ids, counts and names of segments; never of people or numbers."""
    session.add(AuditEvent(at=now, who=who, act=act, details=details))


def record_restricted_act(session: Session, who: str, act: str, now: datetime, **details: object) -> None:
    """Add a line that the grievance officers alone may see."""
    session.add(AuditEvent(at=now, who=who, act=act, details=details, restricted=True))


def operator() -> str:
    """Return who works at the command line."""
    try:
        return f"command line ({getpass.getuser()})"
    except (KeyError, OSError):
        return "command line"
