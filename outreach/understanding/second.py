from dataclasses import replace

from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.guess import guess
from outreach.understanding.reading import Intent

SURE = 0.8
"""Likelihood from which the second reader's word is taken instead of a rule's."""
DOUBT = 0.5
"""Likelihood from which its disagreement sends a text to a person."""
ALARM = 0.2
"""Likelihood of distress, or of a wish to stop, from which a person looks."""
FEW_WORDS = 3
SETTLED = frozenset(
    {
        Intent.STOP,
        Intent.START,
        Intent.SENSITIVE,
        Intent.HOSTILE,
        Intent.DECEASED,
        Intent.CHOICE,
        Intent.FEEDBACK,
        Intent.LANGUAGE,
    }
)
"""What the second reader may not touch: consent, people in need, and picks from what we offered."""
NEVER_GUESSED = frozenset({Intent.YES, Intent.STOP, Intent.START, Intent.CHOICE})
"""What is never concluded from likelihood alone: a yes, and anything about consent."""


def second_reading(evidence: Evidence, first: Verdict) -> Verdict:
    """Compare a rule's verdict with a learnt guess: doubt sends it to a person, a sure guess takes its place.

    It can only ever make us more careful about consent: what a rule heard as an opt-out stays one.
    """
    if first.intent in SETTLED or (len(evidence.text.words) < FEW_WORDS and first.confidence > DOUBT):
        return first
    shares = guess(evidence.text, evidence.found, evidence.context)
    best = max(shares, key=lambda intent: (shares[intent], intent))
    alarmed = shares[Intent.SENSITIVE] >= ALARM or shares[Intent.STOP] >= ALARM
    suppress = "hold" if shares[Intent.STOP] >= DOUBT and first.suppress == "none" else first.suppress
    if best == first.intent or shares[best] < DOUBT:
        return replace(first, suppress=suppress, human_review=first.human_review or alarmed)
    doubted = replace(first, suppress=suppress, human_review=True, confidence=min(first.confidence, 0.45))
    if shares[best] < SURE or Intent(best) in NEVER_GUESSED:
        return doubted
    rule = f"guess: the words suggest {best.replace('_', ' ')}, a person should look"
    return replace(doubted, intent=Intent(best), rule=rule)
