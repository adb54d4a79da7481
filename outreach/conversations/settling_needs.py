"""Settling a need, and telling the member what came of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.desk_texts import need_text
from outreach.conversations.gathering import language_of
from outreach.conversations.reaching import reach_person
from outreach.conversations.tasks import call_task
from outreach.database import ROW
from outreach.errors import OutreachError
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Kind
from outreach.texting.outbox import Draft, put_in_outbox, sender_for
from outreach.trainings.models import Need, NeedState
from outreach.trainings.needs import move_need
from outreach.trainings.sessions import find_session

OUTCOMES = (NeedState.ARRANGED, NeedState.CANNOT)


def settle_need(  # noqa: PLR0913, PLR0917 - one decision has these parts
    session: Session, settings: Settings, need_id: int, outcome: NeedState, by: str, now: datetime
) -> bool:
    """Settle a need and tell the member by text; who cannot be texted becomes a call. Returns whether a text goes out.

    The same outcome twice changes nothing. Raises OutreachError.
    """
    found = session.get(Need, need_id)
    if found is None:
        raise OutreachError(f"There is no need {need_id}. It may have been deleted with its person")
    # The number before the need: the order in which everybody locks.
    number = reach_person(session, found.person_id)
    need = session.get_one(Need, need_id, with_for_update=ROW, populate_existing=True)
    if need.outcome == outcome:
        return False
    move_need(session, need_id, outcome, now)
    record_act(session, by, f"need {outcome}", now, need=need_id)
    if number is None:
        person = session.get_one(Person, need.person_id)
        call_task(session, person, f"need {need_id} ({need.kind}) is {outcome}: tell them", need.due_at, now)
        return False
    _tell(session, settings, need, number, outcome, now)
    move_need(session, need_id, NeedState.TOLD, now)
    return True


def told_by_phone(session: Session, need_id: int, by: str, now: datetime) -> None:
    """Write down that somebody told the member themselves. Raises RefusedError for a need that is not settled."""
    move_need(session, need_id, NeedState.TOLD, now)
    record_act(session, by, "need told by phone", now, need=need_id)


def _tell(  # noqa: PLR0913, PLR0917 - as above
    session: Session, settings: Settings, need: Need, number: PhoneNumber, outcome: NeedState, now: datetime
) -> None:
    language = language_of(session.get_one(Person, need.person_id))
    facts = find_session(session, need.session_id) if need.session_id else None
    label = ""
    if facts is not None:
        label = facts.label_es if language == "es" else facts.label_en
    body = need_text(need.kind, outcome, label, language, settings)
    sender_for(session, number, settings.senders)
    draft = Draft(
        body=body,
        kind=Kind.TRANSACTIONAL,
        person_id=need.person_id,
        expires_at=facts.starts_at if facts else None,
    )
    put_in_outbox(session, number, draft, now)
