from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from outreach.understanding.answers import Answer
from outreach.understanding.availability import WhenSaid
from outreach.understanding.consent import Consent
from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found, rule_of
from outreach.understanding.reading import Intent, Menu


@dataclass(frozen=True)
class Verdict:
    """What one rung of the ladder concludes."""

    intent: Intent
    rule: str
    confidence: float = 0.9
    suppress: str = "none"
    human_review: bool = False
    choice: str | None = None
    rating: int | None = None


@dataclass(frozen=True)
class Evidence:
    """All that the rungs look at: the text, the phrases found in it, what we asked, and what was read so far."""

    text: Text
    found: Mapping[str, list[Found]]
    context: str
    menu: Menu
    now: datetime
    consent: Consent
    answer: Answer
    when: WhenSaid
    needs: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    asks: bool = False

    def has(self, *labels: str) -> bool:
        """Tell whether a phrase of one of these labels is in the text."""
        return not self.found.keys().isdisjoint(labels)

    def rule(self, labels: Iterable[str]) -> str:
        """Give the rule of the first of these labels that was found."""
        return next(rule_of(label) for label in labels if label in self.found)
