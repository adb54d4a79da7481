"""Sensitive texts: everything automatic stops at once, one fixed text answers, and somebody of ours is called."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act, record_restricted_act
from outreach.conversations.approved import SILENT, acknowledgement
from outreach.conversations.duties import officers
from outreach.conversations.models import SensitiveCase
from outreach.conversations.runner import end_all
from outreach.people.models import PersonNumber, PhoneNumber
from outreach.people.names import fold
from outreach.texting.models import Kind as TextKind
from outreach.texting.models import Text, TextStatus
from outreach.texting.outbox import Draft, cancel_queued, put_in_outbox
from outreach.understanding import Intent, Kind, Reading

if TYPE_CHECKING:
    from outreach.conversations.situation import Situation

PROGRAM = "outreach"
HELD = "sensitive: a person decides"
# Who has opened a case is looking after it; what comes in later than this rings again.
LOOKING = timedelta(minutes=15)
OVER = {Kind.DECEASED: "deceased", Kind.UNDER_18: "under_18"}
SHORTEST_NAME = 3


def kind_in(reading: Reading) -> Kind | None:
    """Return the kind of sensitive text that a reading says it is; None for all others.

    >>> kind_in(Reading(Intent.SENSITIVE, "", 1.0, facts={"sensitive": "eviction"}))
    <Kind.EVICTION: 'eviction'>
    """
    if reading.intent is Intent.DECEASED:
        return Kind.DECEASED
    heard = Intent.SENSITIVE in {reading.intent, *reading.also}
    if heard:
        kind = Kind(str(reading.facts.get("sensitive", Kind.OTHER)))
        # “Stop harassing me” is meant for us: an opt-out, and nobody need be called at night.
        if kind is not Kind.OTHER or not reading.opt_out:
            return kind
    if Intent.DECEASED in reading.also:
        return Kind.DECEASED
    return Kind.UNDER_18 if reading.facts.get("under_18") else None


def heed_sensitive(situation: "Situation") -> bool:
    """Open a case for a sensitive text; True when nothing else may happen with it. An opt-out still counts."""
    kind = kind_in(situation.reading)
    # An open case always holds its number.
    held = situation.number.automation_held_at is not None
    cases = open_cases(situation.session, situation.number.id) if held else []
    complaint = next((case for case in cases if case.kind == Kind.HARASSMENT), None)
    restricted = complaint is not None or kind is Kind.HARASSMENT
    if restricted != situation.text.restricted:
        # Set to what it is already, it would be looked through for changes at every statement.
        situation.text.restricted = restricted
    situation.silent = kind in SILENT or any(case.kind in SILENT for case in cases)
    if complaint is not None:
        _keep_from_named(situation.session, complaint, situation.text.body)
    if kind is None:
        return False
    situation.for_a_person()
    stop_automation(situation, kind)
    stops = situation.reading.opt_out or situation.text.opt_out_type == "STOP"
    case = _open_case(situation, kind)
    welcome = not stops and not situation.silent and situation.number.texts_opted_out_at is None
    if welcome and case.acknowledgement_id is None:
        case.acknowledgement_id = _acknowledge(situation, kind)
    return not stops


def stop_automation(situation: "Situation", kind: Kind) -> None:
    """Let nothing automatic reach this person any more, at any of their numbers."""
    session, now, person = situation.session, situation.now, situation.person
    situation.number.automation_held_at = now
    cancel_queued(session, situation.number.id, TextStatus.CANCELED, now, keep_approved=kind not in SILENT)
    if kind in OVER:
        end_all(session, situation.number.id, OVER[kind], now)
    if person is None:
        return
    person.held_because = person.held_because or HELD
    person.under_18 = person.under_18 or kind is Kind.UNDER_18
    # Locked elsewhere means a turn of theirs is under way; the person is held all the same.
    others = (
        select(PhoneNumber)
        .join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
        .where(PersonNumber.person_id == person.id, PhoneNumber.id != situation.number.id)
        .with_for_update(key_share=True, of=PhoneNumber, skip_locked=True)
    )
    for number in session.scalars(others):
        number.automation_held_at = now
        cancel_queued(session, number.id, TextStatus.CANCELED, now)


def _open(number_id: int) -> Select[SensitiveCase]:
    return select(SensitiveCase).where(SensitiveCase.number_id == number_id, SensitiveCase.closed_at.is_(None))


def _open_case(situation: "Situation", kind: Kind) -> SensitiveCase:
    """Return the case that a text belongs to: the open one of this number, else a new one that rings at once."""
    session, text, now = situation.session, situation.text, situation.now
    same = SensitiveCase.kind == Kind.HARASSMENT if text.restricted else SensitiveCase.kind != Kind.HARASSMENT
    case = session.scalar(_open(situation.number.id).where(same).with_for_update(key_share=True).limit(1))
    if case is not None:
        if kind in SILENT and case.kind not in SILENT:
            case.kind = kind
        if case.seen_at is not None and now - case.seen_at > LOOKING:
            case.seen_at, case.seen_by, case.rings, case.ring_at = None, None, 0, now
        return case
    case = SensitiveCase(
        text_id=text.id,
        number_id=situation.number.id,
        person_id=situation.person.id if situation.person else None,
        kind=kind,
        opened_at=now,
        ring_at=now,
        rings=0,
        excluded=_named_officers(session, text.body) if text.restricted else [],
    )
    session.add(case)
    session.flush()
    write_down(session, case, PROGRAM, "sensitive text came in", now)
    return case


def _keep_from_named(session: Session, complaint: SensitiveCase, body: str) -> None:
    """Keep a complaint from the officers whom a later text of it names."""
    named = [email for email in _named_officers(session, body) if email not in complaint.excluded]
    if named:
        complaint.excluded = [*complaint.excluded, *named]


def _named_officers(session: Session, body: str) -> list[str]:
    """Return the officers whom a text names: it is not theirs to read."""
    said = set(fold(body).split())
    return [
        email
        for duty, email in officers(session)
        if any(len(name) >= SHORTEST_NAME and name in said for name in fold(duty.known_as).split())
    ]


def _acknowledge(situation: "Situation", kind: Kind) -> int | None:
    body = acknowledgement(situation.session, situation.settings, kind, situation.language)
    if body is None:
        return None
    draft = Draft(
        body=body,
        kind=TextKind.REPLY,
        person_id=situation.person.id if situation.person else None,
        answers_at=situation.text.created_at,
        despite_hold=True,
    )
    return put_in_outbox(situation.session, situation.number, draft, situation.now)


def write_down(session: Session, case: SensitiveCase, who: str, act: str, now: datetime, **details: object) -> None:
    """Write an act on a case into the audit trail, for the officers alone where the case is theirs."""
    record = record_restricted_act if case.kind == Kind.HARASSMENT else record_act
    record(session, who, act, now, case=case.id, kind=str(case.kind), **details)


def open_cases(session: Session, number_id: int) -> list[SensitiveCase]:
    """Return what is still open of a number, the oldest first."""
    return list(session.scalars(_open(number_id).order_by(SensitiveCase.id)))


def close_cases(session: Session, number: PhoneNumber, by: str, now: datetime, *, restricted: bool) -> int:
    """Close the cases of a number that somebody may see; return how many."""
    mine = [case for case in open_cases(session, number.id) if restricted or case.kind != Kind.HARASSMENT]
    for case in mine:
        case.closed_at, case.closed_by, case.ring_at = now, by, None
        write_down(session, case, by, "sensitive case closed", now)
    session.flush()
    return len(mine)


def mark_seen(session: Session, number: PhoneNumber, text: Text, by: str, now: datetime) -> None:
    """Note that somebody has opened the thread of an urgent text: nobody else is rung for it."""
    for case in open_cases(session, number.id):
        if case.seen_at is None and (case.kind == Kind.HARASSMENT) is text.restricted:
            case.seen_at, case.seen_by, case.ring_at = now, by, None
            write_down(session, case, by, "sensitive text opened", now)
