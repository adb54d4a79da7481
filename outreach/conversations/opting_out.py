"""Writing an opt-out down: in the ledger, and in the outbox, where nothing more waits for the number."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from outreach.conversations.asking_again import never_mind
from outreach.people.consent import opt_out_number
from outreach.people.models import PhoneNumber, Scope
from outreach.settings import Settings
from outreach.texting.models import TextStatus
from outreach.texting.outbox import cancel_queued

BY_TEXT = "text"
# An opt-out is confirmed at once or never.
CONFIRM_WITHIN = timedelta(minutes=5)


def opt_out(  # noqa: PLR0913, PLR0917 - one opt-out has these parts
    session: Session, settings: Settings, number: PhoneNumber, words: str, rule: str, now: datetime
) -> None:
    """Stop all texts to a number because its holder said so, and take what is queued for it out of the outbox."""
    opt_out_number(
        session,
        number,
        scope=Scope.TEXTS,
        source=BY_TEXT,
        rule=rule,
        raw_text=words,
        now=now,
        key=settings.suppression_key.get_secret_value(),
    )
    cancel_queued(session, number.id, TextStatus.SUPPRESSED, now)
    never_mind(session, number.id, now)
