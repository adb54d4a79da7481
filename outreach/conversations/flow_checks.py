"""What makes a well-formed flow a good one: every step is reached; the first text says who writes, and how to stop."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from outreach.conversations.flow import LANGUAGES, End, Flow, Step, Wording, targets_of
from outreach.conversations.flow_reading import Complaint, Path
from outreach.conversations.wording import placeholders_in

OPT_OUT_WORDING = {"en": re.compile(r"\bSTOP\b"), "es": re.compile(r"\bALTO\b")}
# Twilio or the law claims these words (TWILIO.md 3.1): a member who sends one is not heard by us.
SAYS_WHO = {"who", "org"}
RESERVED = re.compile(
    r"\b(?:(?i:reply|text|send|answer|type|mande|responda|conteste|escriba|envíe)\s+(?i:with|con)?\s*[“\"'«]?"
    r"(?P<asked>(?i:yes|no|cancel|end|quit|info|help))\b|(?P<shouted>YES|NO|CANCEL|END|QUIT|INFO|HELP)\b)"
)


def check_flow(flow: Flow) -> list[Complaint]:
    """Return what is wrong with a flow whose form is right."""
    return [
        *_unreachable(flow),
        *_loops_without_wait(flow),
        *_first_texts(flow),
        *_reserved_words(flow),
        *_silence_after_the_end(flow),
    ]


def _next_steps(flow: Flow, step: Step) -> list[Step]:
    return [flow.steps[target] for target in targets_of(step) if not isinstance(target, End) and target in flow.steps]


def _unreachable(flow: Flow) -> Iterator[Complaint]:
    reached, to_visit = set[str](), [flow.start]
    while to_visit:
        name = to_visit.pop()
        if name not in reached:
            reached.add(name)
            to_visit += [step.name for step in _next_steps(flow, flow.steps[name])]
    for name in flow.steps:
        if name not in reached:
            yield Complaint(
                ("steps", name), f"no step leads to “{name}”", "Lead to it from another step, or take it out"
            )


def _loops_without_wait(flow: Flow) -> Iterator[Complaint]:
    for step in flow.steps.values():
        if _returns_without_wait(flow, step):
            yield Complaint(
                ("steps", step.name), f"“{step.name}” comes back to itself without waiting", "Put a question in between"
            )


def _returns_without_wait(flow: Flow, start: Step) -> bool:
    seen, to_visit = set[str](), _passed_on_to(flow, start)
    while to_visit:
        step = to_visit.pop()
        if step.name == start.name:
            return True
        if step.name not in seen:
            seen.add(step.name)
            to_visit += _passed_on_to(flow, step)
    return False


def _passed_on_to(flow: Flow, step: Step) -> list[Step]:
    """Return where a step leads without waiting: a question about needs is passed when one was named before."""
    if step.kind == "wait":
        return []
    if step.kind != "ask":
        return _next_steps(flow, step)
    after = step.on.get("need") if step.ask == "needs" else None
    return [flow.steps[after]] if isinstance(after, str) and after in flow.steps else []


def first_texts(flow: Flow) -> list[Step]:
    """Return the steps whose text may be the first that somebody gets."""
    found, seen, to_visit = list[Step](), set[str](), [flow.steps[flow.start]]
    while to_visit:
        step = to_visit.pop()
        if step.name in seen:
            continue
        seen.add(step.name)
        if step.text is not None:
            found.append(step)
        else:
            # Where they wrote before, it is not the first.
            cases = tuple(case for case in step.cases if case.when.get("wrote") is not True)
            to_visit += _next_steps(flow, replace(step, cases=cases))
    return found


def _first_texts(flow: Flow) -> Iterator[Complaint]:
    if flow.purpose != "ask":
        return
    for step in first_texts(flow):
        for language in LANGUAGES:
            words = (step.text or {}).get(language, "")
            path: Path = ("steps", step.name, "text" if step.kind == "ask" else "say", language)
            if not SAYS_WHO.intersection(placeholders_in(words)):
                mend = "Put {who} or {org} in it"
                yield Complaint(path, "the first text does not say which organisation writes", mend)
            if not OPT_OUT_WORDING[language].search(words):
                word = "STOP" if language == "en" else "ALTO"
                yield Complaint(path, "the first text does not say how to stop texts", f"End it with {word}")


def _reserved_words(flow: Flow) -> Iterator[Complaint]:
    for path, wording in _wordings(flow):
        for language, words in wording.items():
            match = RESERVED.search(_without_what_the_law_wants(flow, path, words))
            if match:
                mend = "Ask for a digit or a plain word such as LATER or LUEGO"
                word = (match["asked"] or match["shouted"]).upper()
                yield Complaint((*path, language), f"the text asks for {word}, which Twilio or the law claims", mend)


def _without_what_the_law_wants(flow: Flow, path: Path, words: str) -> str:
    """Leave out how to get help: whoever is asked for consent must be told."""
    asks_for_consent = flow.steps[str(path[1])].ask == "consent"
    return words.replace("HELP for help", "") if asks_for_consent else words


def _silence_after_the_end(flow: Flow) -> Iterator[Complaint]:
    for step in flow.steps.values():
        waited = timedelta(0)
        for place, rung in enumerate(step.silence):
            waited += rung.moment.offset if rung.moment.anchor is None else timedelta(0)
            if waited >= flow.expires:
                path: Path = ("steps", step.name, "silence", place, "after")
                what = "the whole conversation expires before this rung of silence is due"
                yield Complaint(path, what, "Shorten “after:”, or lengthen “expires:”")
                break


def _wordings(flow: Flow) -> Iterator[tuple[Path, Wording]]:
    for step in flow.steps.values():
        base: Path = ("steps", step.name)
        if step.text:
            yield (*base, "text" if step.kind == "ask" else "say"), step.text
        if step.unclear and step.unclear.say:
            yield (*base, "unclear", "say"), step.unclear.say
        for place, rung in enumerate(step.silence):
            if rung.say:
                yield (*base, "silence", place, "say"), rung.say
