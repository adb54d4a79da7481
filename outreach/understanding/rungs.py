import re
from collections.abc import Callable, Sequence

from outreach.understanding import choices, identity, person
from outreach.understanding.consent import answers_stop_question, is_opt_out_word
from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.phrases import rule_of
from outreach.understanding.reading import Intent
from outreach.understanding.topics import AT_RISK

_WRITE = re.compile(
    r" (?:text|send|write|message|me|escrib\w*|mand\w*|please|favor|hablo|speak|entiendo|understand|switch) "
)

_LUKEWARM = frozenset(
    {"ok", "cool", "great", "k", "bien", "bueno", "alright", "perfect", "awesome", "good", "excelente", "perfecto"}
)

Rung = Callable[[Evidence], Verdict | None]


def opt_out(evidence: Evidence) -> Verdict | None:
    """Hear the wish not to be texted."""
    if evidence.consent.wish == "stop" and not asks_to_go_on(evidence):
        foreign = "another language" in evidence.consent.rule
        return Verdict(Intent.STOP, evidence.consent.rule, 0.97, suppress="all", human_review=foreign)
    if (
        evidence.context == "optq"
        and answers_stop_question(evidence.text, evidence.found, evidence.answer.word) == "stop"
    ):
        return Verdict(Intent.STOP, "consent: says yes to our question whether to stop", 0.95, suppress="all")
    if evidence.has("delete_data"):
        return Verdict(Intent.STOP, rule_of("delete_data"), 0.95, suppress="all", human_review=True)
    return None


def asks_to_go_on(evidence: Evidence) -> bool:
    """Tell whether an answer to "Want us to stop texting?" says only not to: "no quiero que paren"."""
    return (
        evidence.context == "optq"
        and evidence.has("optq_no")
        and not evidence.has("optq_yes")
        and not is_opt_out_word(evidence.text)
    )


def leaning_out(evidence: Evidence) -> Verdict | None:
    """Hear words that mostly, not always, ask us to stop: nothing is sent until the second reader or a person decides."""
    if evidence.consent.wish != "lean":
        return None
    return Verdict(Intent.STOP, evidence.consent.rule, 0.6, suppress="hold", human_review=True)


def start(evidence: Evidence) -> Verdict | None:
    """Hear the wish to be texted again."""
    if evidence.consent.wish != "start":
        return None
    return Verdict(Intent.START, evidence.consent.rule, 0.95)


def stays(evidence: Evidence) -> Verdict | None:
    """Hear a no to our question whether to stop."""
    if (
        evidence.context == "optq"
        and answers_stop_question(evidence.text, evidence.found, evidence.answer.word) == "stay"
    ):
        return Verdict(Intent.NO, "consent: says no to our question whether to stop", 0.9)
    return None


def hold(evidence: Evidence) -> Verdict | None:
    """Hear what lies between no and stop: "not interested", "too many texts"."""
    if evidence.consent.wish != "hold" or evidence.context == "optq":
        return None
    volume = bool({"many", "much", "muchos", "demasiados", "pause", "break", "less", "fewer", "tantos", "pausa", "seguido"}
                  & set(evidence.text.words))  # fmt: skip
    if evidence.answer.word == "yes" and evidence.answer.firm:
        return None
    intent = Intent.SNOOZE if volume else Intent.NO
    return Verdict(intent, evidence.consent.rule, 0.7, suppress="hold", human_review=True)


def rating(evidence: Evidence) -> Verdict | None:
    """Hear a rating or a word on how it was, when that is what we asked."""
    if evidence.context != "fb":
        return None
    number = choices.read_rating(evidence)
    if number is not None:
        return Verdict(Intent.FEEDBACK, "answer: rates the training", 0.95, rating=number)
    if evidence.has("feedback"):
        return Verdict(Intent.FEEDBACK, rule_of("feedback"), 0.85)
    return None


def menu(evidence: Evidence) -> Verdict | None:
    """Hear which of the menu was picked."""
    pick = choices.read_choice(evidence)
    if pick is None or (evidence.answer.word in {"no", "maybe"} and evidence.answer.firm and not pick.turned_down):
        return None
    choice = pick.choice
    if (
        evidence.asks
        and len(evidence.text.words) > 4
        and evidence.topics
        and not choice.startswith(evidence.text.tokens[0])
    ):
        return None
    if len(evidence.menu) == 1:
        return Verdict(Intent.YES, "answer: picks the one session we offered", 0.9, choice=choice)
    return Verdict(Intent.CHOICE, "answer: picks from the menu", 0.95, choice=choice, human_review="|" in choice)


def availability_asked(evidence: Evidence) -> Verdict | None:
    """Hear when someone can come, when that is what we asked."""
    if evidence.context != "av":
        return None
    when = evidence.when
    if evidence.has("varies"):
        return Verdict(Intent.AVAILABILITY, rule_of("varies"), 0.6, human_review=True)
    if evidence.asks and (evidence.topics or not when.has_groups):
        return None
    if when.tomorrow_or_morning or when.open_hours:
        rule = "availability: must be asked back, morning or evening"
        return Verdict(Intent.AVAILABILITY, rule, 0.5, human_review=True)
    if when.availability is not None:
        return Verdict(Intent.AVAILABILITY, "availability: says when", 0.9)
    return None


def phrase(label: str, intent: Intent, *, confidence: float = 0.85, human_review: bool = False) -> Rung:
    """Make the rung that hears one label of the lexicon."""

    def rung(evidence: Evidence) -> Verdict | None:
        if not evidence.has(label):
            return None
        return Verdict(intent, rule_of(label), confidence, human_review=human_review)

    return rung


def snooze(evidence: Evidence) -> Verdict | None:
    """Hear "not now", with the day until which nothing is sent, where one is named."""
    if not evidence.has("snooze") or (evidence.answer.word == "yes" and evidence.answer.firm):
        return None
    found = evidence.when.availability
    until = f"until:{found.not_before}" if found and found.not_before else "none"
    return Verdict(Intent.SNOOZE, rule_of("snooze"), 0.8, suppress=until)


def answer(evidence: Evidence) -> Verdict | None:
    """Hear yes, no or maybe."""
    word = evidence.answer.word
    polite_only = (
        word == "yes" and not evidence.answer.firm and evidence.has("thanks") and evidence.text.words[0] in _LUKEWARM
    )
    if not word or polite_only:
        return None
    return Verdict(Intent(word), evidence.answer.rule, evidence.answer.confidence)


def need(evidence: Evidence) -> Verdict | None:
    """Hear what someone needs to be able to come."""
    if not evidence.needs:
        return None
    return Verdict(Intent.NEED, f"need: {evidence.needs[0].replace('_', ' ')}", 0.85)


def question(evidence: Evidence) -> Verdict | None:
    """Hear a question."""
    if not (evidence.asks or evidence.topics):
        return None
    if not evidence.topics:
        return Verdict(Intent.QUESTION, "question: asks something", 0.5, human_review=True)
    at_risk = not AT_RISK.isdisjoint(evidence.topics)
    return Verdict(Intent.QUESTION, f"question: {evidence.topics[0]}", 0.85, human_review=at_risk)


def availability_unasked(evidence: Evidence) -> Verdict | None:
    """Hear when someone can come though we asked something else."""
    if evidence.when.availability is None:
        return None
    return Verdict(Intent.AVAILABILITY, "availability: says when", 0.75)


def language(evidence: Evidence) -> Verdict | None:
    """Hear the wish for another language; asking what language the training is in is a question."""
    if not evidence.has("language"):
        return None
    if (
        evidence.asks
        and ("language" in evidence.topics or evidence.answer.word == "yes")
        and not _WRITE.search(evidence.text.plain)
    ):
        return None
    foreign = evidence.text.has_other_script
    return Verdict(Intent.LANGUAGE, rule_of("language"), 0.9, human_review=foreign)


def helpless(evidence: Evidence) -> Verdict | None:
    """Hear that someone does not know how to answer, unless what they ask about is plain."""
    if not evidence.has("help") or (evidence.topics and evidence.asks):
        return None
    return Verdict(Intent.HELP, rule_of("help"), 0.85)


def lost(evidence: Evidence) -> Verdict | None:
    """Hear a lone question mark as a call for help."""
    if not evidence.text.words and set(evidence.text.tokens) == {"?"}:
        return Verdict(Intent.HELP, "answer: only a question mark", 0.6)
    return None


RUNGS: Sequence[Rung] = (
    opt_out,
    person.threat,
    leaning_out,
    start,
    stays,
    identity.deceased,
    person.sensitive,
    identity.wrong_number,
    person.hostile,
    hold,
    lost,
    identity.moved,
    language,
    rating,
    menu,
    helpless,
    identity.who,
    phrase("callback", Intent.CALLBACK),
    phrase("attended", Intent.ATTENDED),
    availability_asked,
    snooze,
    phrase("reschedule", Intent.RESCHEDULE),
    answer,
    need,
    question,
    availability_unasked,
    phrase("info_other", Intent.OTHER, confidence=0.6, human_review=True),
    phrase("name_fact", Intent.OTHER, confidence=0.7, human_review=True),
    phrase("pronouns", Intent.OTHER, confidence=0.7, human_review=True),
    phrase("thanks", Intent.THANKS, confidence=0.9),
    phrase("feedback", Intent.FEEDBACK, confidence=0.6),
)
"""The ladder, from what must never be missed down to what is merely kind: the first rung that hears something decides."""
