from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.kinds import Kind, kind_of
from outreach.understanding.phrases import rule_of
from outreach.understanding.reading import Intent

WORDS = {
    Kind.ABUSE: "abuse at home",
    Kind.HARASSMENT: "harassment inside the chapter",
    Kind.CRISIS: "crisis",
    Kind.IMMIGRATION: "immigration",
    Kind.EVICTION: "eviction",
    Kind.ARREST: "arrest",
    Kind.OTHER: "urgent",
}


def sensitive(evidence: Evidence) -> Verdict | None:
    """Hear what no machine may answer: danger, eviction, arrest, dismissal, violence, despair."""
    if not evidence.has("sensitive"):
        return None
    rule = f"{rule_of('sensitive')} ({WORDS[kind_of(evidence.text.original)]})"
    return Verdict(Intent.SENSITIVE, rule, 0.9, suppress="hold", human_review=True)


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
