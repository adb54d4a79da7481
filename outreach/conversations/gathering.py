"""Gathering the facts for the engine, and the open question for understanding, from the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, load_only

from outreach.conversations.facts import Facts, OfferedSession
from outreach.conversations.flow import LANGUAGES, Flow
from outreach.conversations.models import Conversation
from outreach.conversations.questions import question_of
from outreach.people.models import Person
from outreach.settings import Settings
from outreach.trainings.labels import near_day_label
from outreach.trainings.models import SessionState, Training, TrainingSession
from outreach.trainings.sessions import facts_of
from outreach.understanding import Context, MenuOption

DEFAULT_LANGUAGE = "en"
DAY_BEFORE = "day_before"
DOORS = {"en": "Doors open 15 min early.", "es": "Abrimos 15 min antes."}
# What texts speak of in sessions, and of the training its title alone.
SPOKEN_OF = (
    TrainingSession.id,
    TrainingSession.training_id,
    TrainingSession.kind,
    TrainingSession.state,
    TrainingSession.sensitive,
    TrainingSession.starts_at,
    TrainingSession.minutes,
    TrainingSession.timezone,
    TrainingSession.place,
    TrainingSession.neighbourhood,
    TrainingSession.address,
    TrainingSession.link,
    TrainingSession.contact,
    TrainingSession.capacity,
    TrainingSession.taken,
    TrainingSession.sequence,
)
TITLES = (Training.id, Training.title, Training.title_es)
IN_TIME = (TrainingSession.starts_at, TrainingSession.id)
# Built once, for every conversation that begins asks this.
_OFFERED = (
    select(TrainingSession)
    .options(load_only(*SPOKEN_OF), joinedload(TrainingSession.training).load_only(*TITLES))
    .where(TrainingSession.id.in_(bindparam("ids", expanding=True)))
    .order_by(*IN_TIME)
)


def language_of(person: Person | None) -> str:
    """Return the language to write in: asked for, else written in, else the chapter's first."""
    spoken = person.speaks if person else None
    return spoken if spoken in LANGUAGES else DEFAULT_LANGUAGE


def load_offered(session: Session, offer: Mapping[str, Any]) -> list[TrainingSession]:
    """Return the sessions of an offer, soonest first. Whoever locks one of them makes it current here too."""
    ids = offer.get("sessions", ())
    return list(session.scalars(_OFFERED, {"ids": ids})) if ids else []


def offers(conversation: Conversation, sessions: Sequence[TrainingSession]) -> bool:
    """Tell whether these are the sessions of a conversation's offer, to which an act may have added some."""
    return {gathering.id for gathering in sessions}.issuperset(conversation.offer.get("sessions", ()))


def gather_facts(  # noqa: PLR0913 - one turn has these parts
    session: Session,
    conversation: Conversation,
    person: Person | None,
    settings: Settings,
    now: datetime,
    *,
    shared: bool,
    offered: Sequence[TrainingSession] | None = None,
) -> Facts:
    """Put together what the flow may speak of. A shared number gets no name until we know who is writing.

    `offered` are the conversation's sessions, where they are loaded already.
    """
    if offered is None:
        offered = load_offered(session, conversation.offer)
    language = language_of(person)
    sender = str(conversation.offer.get("sender") or "")
    reminder = str(conversation.offer.get("reminder") or "")
    first = next(iter(conversation.offer.get("sessions", ())), None)
    return Facts(
        language=language,
        zone=(person.timezone if person else None) or settings.org_timezone,
        started_at=conversation.started_at,
        sessions=tuple(_offered(gathering, language, now) for gathering in offered),
        reminder=reminder,
        begun=str(conversation.offer.get("begun") or ""),
        day_ends_at=_end_of_day(session, first, now) if reminder and first else None,
        happened_at=datetime.fromisoformat(happened) if (happened := conversation.offer.get("happened_at")) else None,
        values={
            **{name: str(words[language]) for name, words in conversation.offer.get("fields", {}).items()},
            **(reminder_values(session, first, reminder, language, now) if reminder and first else {}),
            "about": _label(offered, conversation.offer.get("about"), language),
            "first_name": person.known_as if person and not shared else "",
            "sender": sender,
            "who": who_writes(sender, settings.org_name, language),
            "org": settings.org_name,
            "contact": settings.org_contact,
        },
    )


def _end_of_day(session: Session, session_id: int, now: datetime) -> datetime:
    """Return when the present day ends where a session is."""
    place = ZoneInfo(session.get_one(TrainingSession, session_id).timezone)
    return datetime.combine(now.astimezone(place).date() + timedelta(days=1), time(0), tzinfo=place)


def _label(offered: Sequence[TrainingSession], about: int | None, language: str) -> str:
    """Word the session that a conversation began about, whatever it speaks of by now."""
    found = [facts_of(gathering) for gathering in offered if gathering.id == about]
    return (found[0].label_es if language == "es" else found[0].label_en) if found else ""


def reminder_values(session: Session, session_id: int, reminder: str, language: str, now: datetime) -> dict[str, str]:
    """Return what only those who said yes are told: the hour, where exactly, and whom to ask on the day.

    A sensitive session's address stands in the day-of text alone, and only for people whom the host confirmed.
    """
    gathering = session.get_one(TrainingSession, session_id)
    facts = facts_of(gathering)
    where = ", ".join(dict.fromkeys(each for each in (facts.address, facts.link) if each))
    if facts.sensitive and reminder != DAY_BEFORE:
        where = gathering.address or gathering.place
    online = bool(facts.link and not facts.address)
    return {
        "time": facts.time,
        "day": near_day_label(facts.starts_at, ZoneInfo(gathering.timezone), language, now),
        "where": where or facts.place,
        "doors": "" if online else DOORS[language],
        "lost": whom_to_ask(facts.contact, language, online=online),
    }


def whom_to_ask(contact: str, language: str, *, online: bool) -> str:
    """Return what to do for who does not find the way in, on the day."""
    # The Spanish without á, í, ó, ú: one of them would make the whole reminder UCS-2.
    if language == "es":
        trouble = "¿No puede entrar?" if online else "¿No encuentra?"
        return f"{trouble} Escriba o llame: {contact}." if contact else f"{trouble} Mande un texto."
    trouble = "Trouble joining?" if online else "Lost or late?"
    return f"{trouble} Text here or call {contact}." if contact else f"{trouble} Text here."


def who_writes(sender: str, org: str, language: str) -> str:
    """Return who a text says it is from: the person who signs and the chapter, or the chapter alone."""
    if not sender:
        return f"le escribe {org}" if language == "es" else f"this is {org}"
    return f"{sender} {'de' if language == 'es' else 'from'} {org}"


def _offered(gathering: TrainingSession, language: str, now: datetime) -> OfferedSession:
    facts = facts_of(gathering)
    return OfferedSession(
        id=facts.id,
        label=facts.label_es if language == "es" else facts.label_en,
        place=facts.place,
        starts_at=facts.starts_at,
        is_open=facts.state == SessionState.SCHEDULED and facts.starts_at > now,
        has_seats=facts.seats_left is None or facts.seats_left > 0,
        ends_at=facts.ends_at,
        seats_left=facts.seats_left,
        title=facts.title_es if language == "es" else facts.title_en,
    )


def open_question(flow: Flow, conversation: Conversation, facts: Facts) -> tuple[Context, list[MenuOption]]:
    """Return in what light a reply is to be read: the kind of question that is open, and its numbered menu."""
    return question_of(flow.steps.get(conversation.step), conversation.memory, facts)
