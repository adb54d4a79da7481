"""The words of the flow language, version 1: questions and their answers, acts and their results, facts, moments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from outreach.conversations.flow import Anchor, AskKind, Purpose

VERSION = 1
FLOW_KEYS = (
    "version", "title", "purpose", "needs", "segments", "languages", "goal", "keywords", "begins", "once_in", "expires",
    "start", "steps",
)  # fmt: skip
STEP_KEYS = {
    "ask": ("ask", "text", "options", "on", "unclear", "silence"),
    "say": ("say", "then", "end"),
    "do": ("do", "with", "on"),
    "branch": ("branch",),
    "wait": ("wait", "at", "between", "on", "then", "end"),
}
KEYWORD_KEYS = ("en", "es", "from", "code")
KEYWORD_SENDERS = ("members", "anyone")
MOMENT_KEYS = ("when", "at", "between", "name")
RUNG_KEYS = ("after", "when", "at", "between", "say", "then", "end")
ASK_KINDS = get_args(AskKind)
PURPOSES = get_args(Purpose)
ANCHORS: tuple[Anchor, ...] = get_args(Anchor)
# What a flow may begin by itself from; what a conversation under way may count from.
BEGINS_FROM: tuple[Anchor, ...] = tuple(anchor for anchor in ANCHORS if anchor != "invitation")
COUNTS_FROM: tuple[Anchor, ...] = ("invitation", "rsvp", "session", "end of session", "organizing conversation")
LIES_AHEAD: frozenset[Anchor] = frozenset({"session"})
# What a campaign asks for when it starts a flow: sessions to offer, or words that its texts hold.
SESSIONS = "training_sessions"
WORDS = "words"

# What any reply may mean, whatever was asked; `other` is anything else.
MEANINGS = (
    "yes", "no", "maybe", "availability", "snooze", "need", "question", "callback", "thanks", "attended", "other",
)  # fmt: skip
# What a reply may be to one kind of question alone.
_OF_QUESTION: dict[str, tuple[str, ...]] = {
    "choice of sessions": ("choice",),
    "choice": ("another_time",),
    "yes or no": (),
    "coming": ("other_date",),
    "needs": ("none",),
    "availability": (),
    "rating": ("low", "middle", "high"),
    "name": ("given",),
    "zip": ("given",),
    "email": ("given",),
    "language": ("given",),
    "consent": ("agreed",),
    "free text": ("another_time",),
}
ANSWERS: dict[str, tuple[str, ...]] = {kind: (*_OF_QUESTION[kind], *MEANINGS) for kind in ASK_KINDS}


@dataclass(frozen=True, slots=True)
class ActForm:
    """What an act may come to, and what may stand in its `with`: how each value is written, and which are required."""

    results: tuple[str, ...]
    given: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()


NOTED = ("noted",)
PEOPLES_FACTS = ("name", "zip", "email", "language", "committee")
TASK_KINDS = ("call", "answer", "story", "need", "waitlist", "unknown", "delete_data", "other")
# How a value of `with` is written: words, a duration, a whole number, a flow's name, or one of a few words.
ACT_FORMS: dict[str, ActForm] = {
    "rsvp yes": ActForm(("booked", "waitlisted", "closed")),
    "rsvp other": ActForm(("booked", "waitlisted", "closed")),
    "rsvp next": ActForm(("booked", "waitlisted", "closed")),
    "rsvp maybe": ActForm(("noted", "closed")),
    "rsvp no": ActForm(("noted", "closed")),
    "rsvp cancel": ActForm(("noted", "closed")),
    "pass seat on": ActForm(("passed_on", "kept", "closed")),
    "find sessions": ActForm(("found", "none"), {"which": "which", "at_most": "number"}),
    "check in": ActForm(("checked_in", "walk_in", "not_found", "too_early")),
    "note need": ActForm(NOTED),
    "note availability": ActForm(NOTED),
    "note wish": ActForm(NOTED),
    "note words": ActForm(NOTED, {"as": "name"}, ("as",)),
    "note rating": ActForm(NOTED),
    "note commitment": ActForm(NOTED, {"as": "name"}),
    "tag": ActForm(NOTED, {"tag": "words"}, ("tag",)),
    "untag": ActForm(NOTED, {"tag": "words"}, ("tag",)),
    "set fact": ActForm(NOTED, {"fact": "fact", "to": "words"}, ("fact",)),
    "record consent": ActForm(NOTED),
    "task": ActForm(NOTED, {"kind": "kind", "because": "words", "within": "duration", "owner": "words"}, ("because",)),
    "call task": ActForm(NOTED, {"because": "words", "within": "duration", "owner": "words"}, ("because",)),
    "hand off": ActForm(NOTED),
    "start flow": ActForm(NOTED, {"flow": "flow"}, ("flow",)),
    "enrol": ActForm(NOTED, {"flow": "flow", "in": "duration", "at": "time", "name": "name"}, ("flow", "in")),
    "snooze": ActForm(NOTED, {"for": "duration"}),
    "rest": ActForm(NOTED, {"for": "duration"}, ("for",)),
    "opt out": ActForm(NOTED),
}
ACTS: dict[str, tuple[str, ...]] = {name: form.results for name, form in ACT_FORMS.items()}
CHOICES_OF = {"which": ("open", "next", "fitting", "other", "action"), "fact": PEOPLES_FACTS, "kind": TASK_KINDS}

# Each fact that a branch may ask for, and what a case may compare it with.
FACTS: dict[str, tuple[type, str]] = {
    "sessions": (int, "a number"),
    "open_sessions": (int, "a number"),
    "other_sessions": (int, "a number"),
    "seats_left": (int, "a number"),
    "rating": (int, "a number"),
    "attended": (int, "a number"),
    "absences": (int, "a number"),
    "days_silent": (int, "a number"),
    "calls_made": (int, "a number"),
    "wrote": (bool, "true or false"),
    "told_why": (bool, "true or false"),
    "needs_told": (bool, "true or false"),
    "times_told": (bool, "true or false"),
    "until_told": (bool, "true or false"),
    "named": (bool, "true or false"),
    "zip_known": (bool, "true or false"),
    "email_known": (bool, "true or false"),
    "consented": (bool, "true or false"),
    "member": (bool, "true or false"),
    "coming": (bool, "true or false"),
    "card_failed": (bool, "true or false"),
    "listed": (bool, "true or false"),
    "language": (str, "en or es"),
    "signed": (bool, "true or false"),
    "reminder": (str, "a reminder's name"),
    "begun": (str, "the name of one of the flow's begins"),
    "cohort": (str, "a segment's name"),
    "trained": (str, "none, fundamentals, intermediate or advanced"),
    "rsvp": (str, "none, yes, maybe, no, waitlisted or cancelled"),
    "tag": (str, "a tag"),
}
# Facts of the person that the database is asked for only where a flow's branches need them.
OF_PERSON = frozenset(
    {
        "attended",
        "named",
        "zip_known",
        "email_known",
        "consented",
        "member",
        "listed",
        "absences",
        "days_silent",
        "calls_made",
        "coming",
        "card_failed",
        "cohort",
        "trained",
        "rsvp",
        "tag",
    }
)
