from collections.abc import Mapping

from outreach.understanding.answers import Spans
from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found

TOPICS = (
    "where", "when", "parking", "transit", "duration", "childcare", "guest", "remote", "cost", "food", "access",
    "language", "membership", "dues", "agenda", "advanced", "status", "late", "recording", "privacy", "bot", "about",
    "safety", "immigration", "transfer",
)  # fmt: skip


def is_question(text: Text, found: Mapping[str, list[Found]]) -> bool:
    """Tell whether a text asks something, with or without a question mark."""
    return text.asks or bool(found.get("question_form"))


def read_topics(text: Text, found: Mapping[str, list[Found]], spans: Spans) -> tuple[str, ...]:
    """Give what a text asks about, in the order of ``TOPICS``; nothing when it asks nothing.

    A few words that name a topic alone ("parking") are a question too.
    """
    bare = len(text.words) <= 3
    if not (bare or spans):
        return ()
    asked = {
        label.removeprefix("topic_")
        for label, matches in found.items()
        if label.startswith("topic_") and any(bare or _asked(match, spans) for match in matches)
    }
    return tuple(topic for topic in TOPICS if topic in asked)


def _asked(match: Found, spans: Spans) -> bool:
    return any(match.start < end and start < match.end for start, end in spans)
