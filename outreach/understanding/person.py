from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.phrases import rule_of
from outreach.understanding.reading import Intent


def sensitive(evidence: Evidence) -> Verdict | None:
    """Hear what no machine may answer: danger, eviction, arrest, dismissal, violence, despair."""
    if not evidence.has("sensitive"):
        return None
    return Verdict(Intent.SENSITIVE, rule_of("sensitive"), 0.9, suppress="hold", human_review=True)


def threat(evidence: Evidence) -> Verdict | None:
    """Hear threats and being told to go away; both end the texts."""
    if evidence.has("threat"):
        return Verdict(Intent.HOSTILE, rule_of("threat"), 0.9, suppress="all", human_review=True)
    if evidence.has("dismiss"):
        return Verdict(Intent.HOSTILE, rule_of("dismiss"), 0.85, suppress="all", human_review=True)
    return None


def hostile(evidence: Evidence) -> Verdict | None:
    """Hear insults and complaints; a person decides."""
    if not evidence.has("hostile"):
        return None
    return Verdict(Intent.HOSTILE, rule_of("hostile"), 0.75, suppress="hold", human_review=True)
