from collections.abc import Collection, Iterator, Mapping, Sequence

from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.guess import Guess, Model, guess
from outreach.understanding.reading import Intent

GUESSED = "second reader: "
"""How the rule of a reading begins that no rule gave."""
OPT_OUT, OPT_OUT_AGREED, ENDING = 0.5, 0.1, 0.3
"""Likelihood of a wish not to be texted from which it is heard as an opt-out, though no rule heard one: by itself, or,
the second, where the intents that end texts are together as likely as the third."""
HOLD = 0.1
"""Likelihood of such a wish from which nothing is sent until a person decided."""
PERSON = 0.07
"""Likelihood that a person must see a text from which one does."""
IDLE = 0.04
"""Likelihood of the same below which a rule's mere uncertainty is not shown to anybody."""
DISTRESS = 0.05
"""Likelihood that the writer is in need from which a person looks."""
FIRM, FIRM_DESPITE_DOUBT = 0.7, 0.9
"""Likelihood below which a yes is not taken for one; the second where a rule heard a doubt, such as "if" or "maybe"."""
DOUBT = 0.4
"""Likelihood of the best guess below which a person looks."""
GRAVE_GUESS = 0.5
"""Likelihood below which a text is not taken for one of distress, though a person looks."""
WILD = 0.3
"""Likelihood of the best guess below which it is none: what the rules said stays."""
SURE = 0.8
"""Confidence from which a rule is sure."""
FEW_WORDS = 3
"""Words up to which a rule that is sure needs no second opinion on whether a person must look."""
LIKELY = 0.15
"""Likelihood below which a yes, no or maybe that a rule heard is not believed."""
ENDS_TEXTS = (Intent.STOP, Intent.HOSTILE, Intent.WRONG_NUMBER, Intent.DECEASED, Intent.SENSITIVE)
"""What someone who wants no more texts can mean; of equally likely ones the first is taken."""
ENDS_WISHES = tuple(intent for intent in ENDS_TEXTS if intent is not Intent.WRONG_NUMBER)
"""The same without the wrong number, which is likely in many texts that merely correct us."""
STAYING = frozenset({"keep", "start"})
"""Wishes of a rule beside which a likely opt-out only holds the texts back."""
GRAVE = frozenset({*ENDS_TEXTS, Intent.MOVED})
"""What a person sees if a rule heard it, whatever is likely."""
PAUSES = dict.fromkeys((Intent.MOVED, Intent.DECEASED, Intent.HOSTILE, Intent.SENSITIVE), "hold")
"""What is held until a person decided, though only the second reader heard it."""
EVERY = tuple(Intent)
ANSWERS = frozenset({Intent.YES, Intent.NO, Intent.MAYBE})


def second_reading(evidence: Evidence, verdicts: Sequence[Verdict], learnt: Model | None = None) -> list[Verdict]:
    """Give the verdict to take, and behind it the rules' that still hold, by how likely the learnt model finds each.

    It can only make us more careful about consent: what a rule heard as an opt-out stays one, and a yes that is not
    likely is none.
    """
    first = verdicts[0]
    if _is_plain_pick(evidence, first):
        return list(verdicts)
    likely = guess(evidence, verdicts, learnt)
    if _is_plain_word(evidence, first, likely):
        return list(verdicts)
    if first.suppress == "all":
        taken = first
    elif _wants_out(likely) and evidence.consent.wish not in STAYING:
        taken = _opt_out(likely)
    else:
        taken = _likeliest(verdicts, likely.shares)
    return [_alarmed(taken, likely), *_still_held(taken, verdicts, likely)]


def _is_plain_pick(evidence: Evidence, first: Verdict) -> bool:
    """Tell whether a text is only a number of the menu, or a rating."""
    return (first.choice is not None or first.rating is not None) and len(evidence.text.words) == 1


def _is_plain_word(evidence: Evidence, first: Verdict, likely: Guess) -> bool:
    """Tell whether a rule is sure of a few words, and nothing speaks against it.

    One word that a rule is sure of is no opt-out for being likely to be one: the words that are have rules.
    """
    bound = OPT_OUT if len(evidence.text.words) == 1 else HOLD
    return (
        len(evidence.text.words) <= FEW_WORDS
        and first.confidence >= SURE
        and likely.shares[first.intent] >= LIKELY
        and likely.alarms["out"] < bound
        and likely.alarms["distress"] < HOLD
    )


def _wants_out(likely: Guess) -> bool:
    """Tell whether an opt-out is likely enough: nobody who asked us to stop may be texted again."""
    out = likely.alarms["out"]
    return out >= OPT_OUT or (out >= OPT_OUT_AGREED and sum(likely.shares[intent] for intent in ENDS_WISHES) >= ENDING)


def _opt_out(likely: Guess) -> Verdict:
    intent = max(ENDS_TEXTS, key=likely.shares.__getitem__)
    rule = f"{GUESSED}the words mean that they want no more texts"
    review = intent is not Intent.STOP
    return Verdict(intent, rule, round(likely.alarms["out"], 2), suppress="all", human_review=review)


def _likeliest(verdicts: Sequence[Verdict], shares: Mapping[str, float]) -> Verdict:
    """Give the verdict of the likeliest intent: the rule's that heard it, or the second reader's own."""
    heard = {verdict.intent: verdict for verdict in reversed(verdicts)}
    best = _best_open(heard.keys(), shares)
    if shares[best] < WILD:
        return verdicts[0]
    by = heard.get(best)
    if by is not None:
        share = round(shares[best], 2)
        confidence = max(by.confidence, share) if by is verdicts[0] else share
        return by.revised(confidence, by.suppress, human_review=by.human_review)
    suppress = "number" if best is Intent.WRONG_NUMBER else PAUSES.get(best, "none")
    rule = f"{GUESSED}the words suggest {best.replace('_', ' ')}"
    return Verdict(best, rule, round(shares[best], 2), suppress, human_review=best in GRAVE)


def _best_open(heard: Collection[Intent], shares: Mapping[str, float]) -> Intent:
    """Give the likeliest intent of those that likelihood alone may conclude, or that a rule heard."""
    best = max(EVERY, key=shares.__getitem__)
    if _may_be_taken(best, heard, shares[best]):
        return best
    return max((i for i in EVERY if _may_be_taken(i, heard, shares[i])), key=shares.__getitem__)


def _may_be_taken(intent: Intent, heard: Collection[Intent], share: float) -> bool:
    if intent is Intent.STOP:
        return False
    if intent is Intent.CHOICE:
        return intent in heard
    if intent is Intent.YES:
        return share >= (FIRM_DESPITE_DOUBT if Intent.MAYBE in heard else FIRM)
    return intent is not Intent.SENSITIVE or intent in heard or share >= GRAVE_GUESS


def _alarmed(taken: Verdict, likely: Guess) -> Verdict:
    """Give the verdict with what the alarms add to it: a person looks, and nothing is sent before."""
    in_need = likely.alarms["distress"] >= DISTRESS
    leaning_out = likely.alarms["out"] >= HOLD and taken.suppress != "all"
    held = leaning_out or likely.alarms["hold"] >= 0.5 or likely.alarms["distress"] >= 0.5
    doubtful = likely.shares[taken.intent] < DOUBT and taken.suppress != "all"
    review = taken.human_review or in_need or leaning_out or doubtful or likely.alarms["person"] >= PERSON
    suppress = "hold" if held and taken.suppress == "none" else taken.suppress
    return taken.revised(taken.confidence, suppress, human_review=review)


def _still_held(taken: Verdict, verdicts: Sequence[Verdict], likely: Guess) -> Iterator[Verdict]:
    """Give the rules' verdicts without an unlikely answer that was overruled, and without idle calls for a person."""
    idle = likely.alarms["person"] < IDLE and likely.shares[taken.intent] >= DOUBT
    for verdict in verdicts:
        if verdict.intent is Intent.STOP and verdict.suppress == "hold" and likely.alarms["out"] < HOLD:
            continue
        overruled = verdict is verdicts[0] or taken.intent in ANSWERS
        unlikely = verdict.intent is not taken.intent and likely.shares[verdict.intent] < LIKELY
        if verdict.intent in ANSWERS and overruled and unlikely:
            continue
        if idle and verdict.human_review and verdict.intent not in GRAVE:
            yield verdict.revised(verdict.confidence, verdict.suppress, human_review=False)
        else:
            yield verdict
