"""Acts about sessions: finding what can be offered, the next one, checking in."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from outreach.conversations.acting import ActContext, Done
from outreach.conversations.effects import Act
from outreach.conversations.fitting import fits, part_of
from outreach.conversations.models import Conversation
from outreach.conversations.signals import ActResult
from outreach.people.models import Activity
from outreach.trainings.attendance import sign_in
from outreach.trainings.check_in_codes import session_of_code
from outreach.trainings.levels import is_ready_for
from outreach.trainings.models import (
    AvailabilityNote,
    Level,
    Rsvp,
    RsvpStatus,
    SessionKind,
    SessionState,
    Training,
    TrainingSession,
)
from outreach.trainings.refusals import RefusedError
from outreach.trainings.rsvps import NOT_COMING
from outreach.trainings.sessions import SessionFacts, open_sessions

OFFERED_AT_MOST = 3
TODAY = 1
SATURDAY = 5


def next_session(context: ActContext, instead_of: Sequence[int]) -> int | None:
    """Return the soonest session with a seat of the same trainings that these sessions are of."""
    trainings = _trainings_of(context, instead_of)
    coming = [
        facts.id
        for facts in open_sessions(context.session, None, context.now)
        if facts.id not in instead_of and facts.training_id in trainings and _has_seats(facts)
    ]
    return coming[0] if coming else None


def offer_sessions(context: ActContext, ids: Sequence[int]) -> None:
    """Let a conversation speak of these sessions too."""
    offered = context.conversation.offer.get("sessions", [])
    context.conversation.offer = {
        **context.conversation.offer,
        "sessions": [*offered, *(one for one in ids if one not in offered)],
    }


def _find(act: Act, context: ActContext) -> Done:
    which, at_most = act.given.get("which", "open"), act.given.get("at_most", OFFERED_AT_MOST)
    kind = SessionKind.ACTION if which == "action" else SessionKind.TRAINING
    coming = (facts for facts in open_sessions(context.session, None, context.now) if facts.kind == kind)
    found = [facts for facts in coming if _open_to(context, facts)]
    if which != "open":
        # What they have said no to is not offered again, unless they ask what there is.
        found = [facts for facts in found if not _declined(context, facts)]
    if which == "next":
        trainings = _trainings_of(context, act.sessions)
        found = [facts for facts in found if facts.id not in act.sessions and facts.training_id in trainings]
    if which == "fitting":
        note = context.session.get(AvailabilityNote, context.person.id)
        found = [facts for facts in found if note is not None and fits(note.cells, note.not_before, facts.starts_at)]
    if which == "other":
        parts = _parts_offered(context)
        found = [facts for facts in found if _part(facts.starts_at) not in parts]
    ids = [facts.id for facts in found if _has_seats(facts)][: int(str(at_most))]
    if not ids:
        return Done(ActResult("none"))
    offer_sessions(context, ids)
    return Done(ActResult("found", {"menu": ids, "chosen": []}))


def _open_to(context: ActContext, facts: SessionFacts) -> bool:
    """Tell whether a session is one to ask this person to: ready for it, and not coming yet."""
    level = context.session.scalars(select(Training.level).where(Training.id == facts.training_id)).one()
    activity = context.session.get(Activity, context.person.id)
    coming = select(Rsvp.id).where(
        Rsvp.person_id == context.person.id, Rsvp.session_id == facts.id, Rsvp.status == RsvpStatus.YES
    )
    ready = is_ready_for(Level(level), activity.trained_level if activity else None)
    return ready and context.session.scalar(coming) is None


def _declined(context: ActContext, facts: SessionFacts) -> bool:
    said_no = select(Rsvp.id).where(Rsvp.person_id == context.person.id, Rsvp.session_id == facts.id)
    return context.session.scalar(said_no.where(Rsvp.status.in_(NOT_COMING))) is not None


def _parts_offered(context: ActContext) -> set[tuple[bool, str]]:
    """Return the parts of the week at which this flow has offered this person sessions before."""
    mine = select(Conversation.offer["sessions"]).where(
        Conversation.person_id == context.person.id, Conversation.flow == context.conversation.flow
    )
    offered = {one for ids in context.session.scalars(mine) for one in ids or ()}
    starts = select(TrainingSession.starts_at, TrainingSession.timezone).where(TrainingSession.id.in_(offered))
    return {_part(at.astimezone(ZoneInfo(zone))) for at, zone in context.session.execute(starts)}


def _part(starts_at: datetime) -> tuple[bool, str]:
    """Return whether a start, in its zone, is at the weekend, and in which part of the day."""
    return starts_at.weekday() >= SATURDAY, part_of(starts_at.time())


def _trainings_of(context: ActContext, ids: Sequence[int]) -> set[int]:
    wanted = select(TrainingSession.training_id).where(TrainingSession.id.in_(ids))
    return set(context.session.scalars(wanted)) if ids else set()


def _has_seats(facts: SessionFacts) -> bool:
    return facts.seats_left is None or facts.seats_left > 0


def _check_in(_act: Act, context: ActContext) -> Done:
    """Sign a person in to the session whose code came with the keyword, else to the one of today."""
    gathering = _session_here(context)
    if gathering is None:
        return Done(ActResult("not_found"))
    offer_sessions(context, [gathering.id])
    values = {"chosen": [gathering.id]}
    try:
        came = sign_in(context.session, gathering.id, context.person.id, context.now)
    except RefusedError:
        return Done(ActResult("too_early", values))
    return Done(ActResult("walk_in" if came.walk_in else "checked_in", values))


def _session_here(context: ActContext) -> TrainingSession | None:
    code = str(context.memory.get("code") or context.conversation.offer.get("code") or "")
    if code:
        return session_of_code(context.session, code, context.now)
    scheduled = select(TrainingSession).where(TrainingSession.state == SessionState.SCHEDULED)
    today = context.now.astimezone(context.settings.zone).date()
    here = [
        gathering
        for gathering in context.session.scalars(scheduled.where(TrainingSession.sign_in_closed_at.is_(None)))
        if gathering.starts_at.astimezone(context.settings.zone).date() == today
    ]
    return here[0] if len(here) == TODAY else None


SESSION_ACTS: dict[str, Callable[[Act, ActContext], Done]] = {"find sessions": _find, "check in": _check_in}
