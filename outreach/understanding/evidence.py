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

    def revised(self, confidence: float, suppress: str, *, human_review: bool) -> "Verdict":
        """Give the verdict with these in place of its own; itself where they are its own."""
        if (confidence, suppress, human_review) == (self.confidence, self.suppress, self.human_review):
            return self
        return Verdict(self.intent, self.rule, confidence, suppress, human_review, self.choice, self.rating)


@dataclass
class Evidence:
    """All that the rungs look at: the text, the phrases found in it, what we asked, and what was read so far.

    It is not frozen only because making a frozen one takes three times as long; nobody changes it.
    """

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

    def has(self, label: str) -> bool:
        """Tell whether a phrase of this label is in the text."""
        return label in self.found

    def rule(self, labels: Iterable[str]) -> str:
        """Give the rule of the first of these labels that was found."""
        return next(rule_of(label) for label in labels if label in self.found)
