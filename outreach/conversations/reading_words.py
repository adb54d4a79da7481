"""What was understood of a text, in words for organizers."""

from collections.abc import Iterable, Mapping
from typing import Any

INTENTS = {
    "yes": "Yes",
    "no": "No",
    "maybe": "Maybe",
    "stop": "Wants no more texts",
    "snooze": "Not now, later",
    "wrong_number": "Wrong number",
    "who": "Asks who we are",
    "question": "Question",
    "availability": "When they can come",
    "reschedule": "Another date",
    "attended": "Says they came",
    "help": "Asks for help",
    "sensitive": "Sensitive",
    "thanks": "Thanks",
    "hostile": "Angry",
    "need": "Needs something to come",
    "language": "Another language",
    "callback": "Wants a call",
    "start": "Wants texts again",
    "moved": "Moved away",
    "deceased": "Somebody died",
    "choice": "Chose from the menu",
    "feedback": "Feedback",
    "other": "Not understood",
}
KINDS = {
    "abuse": "abuse at home",
    "harassment": "harassment inside the chapter",
    "crisis": "a crisis",
    "immigration": "immigration",
    "eviction": "eviction",
    "arrest": "an arrest",
    "other": "something that must not wait",
    "under_18": "somebody under 18",
    "deceased": "a death",
}
# Noted with a reading: something was said after the text was written and before it was taken.
OVERTAKEN = "overtaken"
SUPPRESSED = {
    "all": "no more texts",
    "number": "not this number",
    "hold": "automation stops until a person decides",
}


def describe_reading(reading: Mapping[str, Any] | None) -> str:
    """Word what was understood: `Question: parking · Yes`. A text without a reading was not read."""
    if not reading:
        return "Not read: an error came in between"
    intents = [str(reading.get("intent")), *map(str, reading.get("also") or ())]
    details = dict.fromkeys(_details(reading))
    words = " · ".join(INTENTS.get(intent, intent) for intent in dict.fromkeys(intents))
    return f"{words}: {', '.join(details)}" if details else words


def _details(reading: Mapping[str, Any]) -> Iterable[str]:
    yield from (str(topic) for topic in reading.get("question_topics") or ())
    yield from (str(need).replace("_", " ") for need in reading.get("needs") or ())
    if reading.get("choice"):
        yield f"number {reading['choice']}"
    if reading.get("rating") is not None:
        yield f"{reading['rating']} of 5"
    if (reading.get("party_size") or 1) > 1:
        yield f"{reading['party_size']} people"
    yield from _times(reading.get("availability") or {})
    yield from _suppression(str(reading.get("suppress") or ""))
    if reading.get(OVERTAKEN):
        yield "came in late, after what was said since"


def _times(availability: Mapping[str, Any]) -> Iterable[str]:
    yield from (cell.replace("_", " ") for cell in availability.get("available") or ())
    yield from (f"not {cell.replace('_', ' ')}" for cell in availability.get("unavailable") or ())
    if availability.get("not_before"):
        yield f"not before {availability['not_before']}"


def _suppression(suppress: str) -> Iterable[str]:
    if suppress in SUPPRESSED:
        yield SUPPRESSED[suppress]
    elif suppress.startswith("until:"):
        yield f"not before {suppress.removeprefix('until:')}"
