"""“I can't come” where nothing is asked: our texts say “just tell me”, so it is heard whenever it comes."""

from sqlalchemy import select

from outreach.conversations.answers import NOT_COMING
from outreach.conversations.gaps import NotStartedError
from outreach.conversations.signing import signature
from outreach.conversations.situation import Situation
from outreach.conversations.starting import Opening, start_conversation
from outreach.people.models import Person
from outreach.texting.models import Kind, TextStatus
from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.understanding import Intent

FLOW, CANNOT = "reminder", "cannot"


def takes_a_late_no(situation: Situation, person: Person) -> bool:
    """Take a “can't come” of somebody who comes to one session, as an answer to its reminder; False when it is none."""
    if situation.reading.intent is not Intent.NO or not NOT_COMING.search(situation.text.body):
        return False
    coming = _coming(situation, person)
    if len(coming) != 1:
        # Which one of several is for a person to ask.
        return False
    [session_id] = coming
    opening = Opening(
        flow=FLOW,
        offer={**signature(situation.session, person.id, session_id), "sessions": [session_id], "reminder": CANNOT},
        kind=Kind.REPLY,
        answering=situation.text,
        memory={"words": situation.text.body},
    )
    try:
        with situation.session.begin_nested():
            begun = start_conversation(
                situation.session, situation.settings, person, situation.number, opening, situation.now
            )
    except NotStartedError:
        return False
    situation.text.conversation_id = begun.id
    if not situation.reading.human_review:
        situation.text.status = TextStatus.HANDLED
    return True


def _coming(situation: Situation, person: Person) -> list[int]:
    ahead = TrainingSession.starts_at > situation.now, TrainingSession.state == SessionState.SCHEDULED
    said_yes = select(Rsvp.session_id).join(TrainingSession, TrainingSession.id == Rsvp.session_id)
    mine = said_yes.where(Rsvp.person_id == person.id, Rsvp.status == RsvpStatus.YES, *ahead)
    return list(situation.session.scalars(mine.limit(2)))
