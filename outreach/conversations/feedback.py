"""What those who came to a session said of it, as its trainers may read it: from five answers on, and never a name."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.conversations.models import NotedAnswer
from outreach.database import transaction

FLOW, RATING, CHANGE = "feedback", "rating", "change"
# Fewer than these could be told apart by who was there.
SHOWN_FROM = 5
WORDS_AT_MOST = 100
NOTHING = frozenset({"", "nothing", "none", "no", "nope", "nada", "ninguna", "ninguno"})


@dataclass(frozen=True, slots=True)
class Feedback:
    """How many rated a session, and from five on how: the mean, how often each mark, and what they would change."""

    count: int
    mean: float | None = None
    marks: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


def feedback_of(session_id: int) -> Feedback:
    """Return a session's feedback for its page."""
    with transaction() as session:
        return summarize(session, session_id)


def summarize(session: Session, session_id: int) -> Feedback:
    """Return a session's feedback; each person counts once, with their newest answer."""
    newest = (
        select(func.max(NotedAnswer.id))
        .where(NotedAnswer.session_id == session_id, NotedAnswer.flow == FLOW)
        .group_by(NotedAnswer.person_id, NotedAnswer.name)
    )
    answers = session.scalars(select(NotedAnswer).where(NotedAnswer.id.in_(newest))).all()
    given = [answer.mark for answer in answers if answer.name == RATING and answer.mark is not None]
    if len(given) < SHOWN_FROM:
        return Feedback(len(given))
    said = (answer.words.strip() for answer in answers if answer.name == CHANGE)
    words = [each for each in said if each.casefold().strip(" .!¡") not in NOTHING]
    return Feedback(
        count=len(given),
        mean=sum(given) / len(given),
        marks=tuple(given.count(mark) for mark in range(1, 6)),
        # In the order of the alphabet, so that their place does not tell who wrote when.
        words=tuple(sorted(words, key=str.casefold)[:WORDS_AT_MOST]) if len(words) >= SHOWN_FROM else (),
    )
