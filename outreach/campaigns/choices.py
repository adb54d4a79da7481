"""What the campaign form offers: flows that ask something, and sessions that are to come."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from outreach.campaigns.given_words import Wish, wished_words
from outreach.campaigns.words import SEGMENT_WORDS
from outreach.conversations.models import FlowVersion
from outreach.people.segments import SEGMENTS
from outreach.trainings.sessions import SessionFacts, open_sessions

ASK = "ask"


class Choices(NamedTuple):
    """What can be chosen: segments and flows by name with their words, and sessions.

    `only_for`: flows that are meant for some segments; `wishes`: the words that a campaign of a flow is to give.
    """

    segments: dict[str, str]
    flows: dict[str, str]
    only_for: dict[str, tuple[str, ...]]
    sessions: list[SessionFacts]
    wishes: dict[str, list[Wish]]


def form_choices(session: Session, now: datetime) -> Choices:
    """Return what a campaign can be made of now."""
    flows = _flows(session)
    return Choices(
        segments={segment.value: SEGMENT_WORDS[segment] for segment in SEGMENTS},
        flows={name: str(definition["title"]) for name, definition in flows.items()},
        only_for={name: tuple(flow["segments"]) for name, flow in flows.items() if flow.get("segments")},
        sessions=open_sessions(session, None, now),
        wishes={name: wished_words(flow.get("needs") or {}) for name, flow in flows.items()},
    )


def _flows(session: Session) -> dict[str, dict[str, Any]]:
    """Return the flows that ask something, those that offer sessions first."""
    newest = (
        select(FlowVersion.flow, FlowVersion.definition)
        .ext(distinct_on(FlowVersion.flow))
        .order_by(FlowVersion.flow, FlowVersion.created_at.desc(), FlowVersion.id.desc())
    )
    asking = [(flow, each) for flow, each in session.execute(newest) if each.get("purpose", ASK) == ASK]
    return dict(sorted(asking, key=lambda named: ("sessions" not in named[1].get("needs", {}), named[0])))


def session_words(facts: SessionFacts) -> str:
    """Word a session for choosing it: what, when, where, how many seats are left."""
    seats = "" if facts.seats_left is None else f", {max(0, facts.seats_left)} seats left"
    place = f", {facts.place}" if facts.place else ""
    return f"{facts.title_en}: {facts.label_en}{place}{seats}"
