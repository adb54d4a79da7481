"""What a flow knows when it branches, waits or offers choices: from facts and memory, pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from outreach.conversations.facts import Facts, OfferedSession
from outreach.conversations.flow import Anchor, Flow, Step
from outreach.conversations.vocabulary import OF_PERSON
from outreach.conversations.waits import Anchors

# Where seats have no bound, any number of them is left.
UNBOUND = 1_000_000
NO_RSVP = "none"
# A no is a bare one for as long as it says no more than this.
BARE = re.compile(
    r"a|ahora|ay|be|can|cannot|cant|come|coming|disculpe|dont|esta|este|gracias|hey|hi|hola|i|im|it|la|lo|make|maybe|me"
    r"|nah|no|nope|not|now|perdón|please|por|próxima|puedo|que|quizás|really|right|siento|so|sorry|sure|thank|thanks|the"
    r"|there|think|this|time|to|ve|vez|voy|will|wont|you"
)
WORDS_OF_A_REASON = 2


class Known(NamedTuple):
    """The sessions of a conversation: its menu, those that were chosen, and others with seats left."""

    menu: Sequence[int]
    chosen: Sequence[int]
    others: Sequence[int]


def facts_of_branch(facts: Facts, memory: Mapping[str, Any], known: Known) -> dict[str, object]:
    """Return every fact that a branch may ask for, by its name in the language."""
    spoken_of = _spoken_of(facts, known)
    open_ids = {session.id for session in facts.open_sessions}
    return {
        **facts.person,
        "sessions": len(known.menu),
        "open_sessions": len(open_ids.intersection(known.menu)),
        "other_sessions": len(known.others),
        "seats_left": _seats(spoken_of),
        "rating": memory.get("rating", 0),
        "needs_told": bool(memory.get("needs")),
        "signed": bool(facts.values.get("sender")),
        "wrote": bool(memory.get("words")),
        "told_why": tells_why(str(memory.get("words", ""))),
        "times_told": bool(memory.get("availability")),
        "until_told": bool(memory.get("until")),
        "language": facts.language,
        "reminder": facts.reminder,
        "begun": facts.begun,
        "rsvp": facts.rsvps.get(spoken_of.id, NO_RSVP) if spoken_of else NO_RSVP,
    }


def tells_why(words: str) -> bool:
    """Tell whether a no says more than no: why not, which is for a person to read."""
    said = re.findall(r"[^\W\d_]+", words.casefold().replace("'", "").replace("\u2019", ""))
    return sum(not BARE.fullmatch(word) for word in said) >= WORDS_OF_A_REASON


def anchors_of(facts: Facts, memory: Mapping[str, Any], known: Known) -> Anchors:
    """Return what moments may be counted from, as far as it happened or is to come."""
    found: dict[Anchor, datetime] = {"invitation": facts.started_at}
    spoken_of = _spoken_of(facts, known)
    if spoken_of is not None:
        found["session"] = spoken_of.starts_at
        found["end of session"] = spoken_of.ends_at or spoken_of.starts_at
    if memory.get("booked_at"):
        found["rsvp"] = datetime.fromisoformat(str(memory["booked_at"]))
    if facts.happened_at is not None:
        found["organizing conversation"] = facts.happened_at
    return found


def counts_from_session(flow: Flow, step_name: str) -> bool:
    """Tell whether what a conversation waits for at this step moves with its session."""
    step = flow.steps.get(step_name)
    moments = [step.wait, *(rung.moment for rung in step.silence)] if step else []
    return any(moment.anchor in {"session", "end of session"} for moment in moments if moment is not None)


def needs_of_person(flow: Flow) -> frozenset[str]:
    """Return the facts of the person that a flow's branches ask for."""
    asked = {fact for step in flow.steps.values() for case in step.cases for fact in case.when}
    return OF_PERSON & asked


def options_text(step: Step | None, language: str) -> str:
    """Return a question's numbered choices: `1 = I'm in 2 = other date`."""
    options = step.options.values() if step else ()
    return " ".join(f"{place} = {labels[language]}" for place, labels in enumerate(options, 1))


def _spoken_of(facts: Facts, known: Known) -> OfferedSession | None:
    """Return the session that a conversation is about: the first chosen, else the first of its menu."""
    wanted = (*known.chosen, *known.menu)[:1]
    return next((session for session in facts.sessions if session.id in wanted), None)


def _seats(session: OfferedSession | None) -> int:
    if session is None:
        return 0
    return UNBOUND if session.seats_left is None else max(0, session.seats_left)
