"""What makes a flow's texts good ones: who writes, how to stop, no word that is not ours, short with any values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from outreach.conversations.flow import LANGUAGES, End, Flow, Step, Wording, targets_of
from outreach.conversations.flow_reading import Complaint, Path
from outreach.conversations.knowing import options_text
from outreach.conversations.samples import SAMPLES, Sample, sample_values
from outreach.conversations.vocabulary import WORDS
from outreach.conversations.wording import fill, placeholders_in
from outreach.texting.segments import count_segments

OPT_OUT_WORDING = {"en": re.compile(r"\bSTOP\b"), "es": re.compile(r"\bALTO\b")}
SAYS_WHO = {"who", "org"}
# Who signs may be said in other words.
SIGNATURES = SAYS_WHO | {"sender"}
# Twilio or the law claims these words (TWILIO.md 3.1): a member who sends one is not heard by us.
RESERVED = re.compile(
    r"\b(?:(?i:reply|text|send|answer|type|mande|responda|conteste|escriba|envíe)\s+(?i:with|con)?\s*[“\"'«]?"
    r"(?P<asked>(?i:yes|no|cancel|end|quit|info|help))\b|(?P<shouted>YES|NO|CANCEL|END|QUIT|INFO|HELP)\b)"
)
# Whoever is asked for consent must be told how to get help.
LAWFUL = "HELP for help"
# Carriers block what hides where it leads.
SHORTENERS = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|rb\.gy|tiny\.cc|shorturl\.at|"
    r"lnkd\.in|t\.ly|bl\.ink|s\.id|v\.gd|qr\.io|shorturl\.gg|t2m\.io)\b",
    re.IGNORECASE,
)
LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
SEGMENTS_AT_MOST: dict[Sample, int] = {"plain": 2, "hard": 2, "longest": 3}
# Two UCS-2 segments: a greeting by an accented name must not cost a third.
GREETING_AT_MOST = 134
DEFAULT_MENU = 2
NOTHING_GIVEN: Mapping[str, Wording] = {}


def check_texts(flow: Flow, given: Mapping[str, Wording] = NOTHING_GIVEN) -> Iterator[Complaint]:
    """Yield what is wrong with a flow's texts; with the words that a campaign gives them, where it does."""
    yield from _first_texts(flow, given)
    alone = _steps_with_one_session(flow)
    for step, path, wording in wordings_of(flow):
        for language in LANGUAGES:
            words = wording.get(language, "")
            here: Path = (*path, language)
            said = _as_given(words, language, given)
            yield from _words(here, said.replace(LAWFUL, "") if step.ask == "consent" else said)
            values = _worded(given, language)
            yield from _length(flow, step, here, words, values, 1 if step.name in alone else _menu_size(flow))
        yield from _same_facts(path, wording)


def _worded(given: Mapping[str, Wording], language: str) -> dict[str, str]:
    return {name: words[language] for name, words in given.items() if words.get(language)}


def _as_given(words: str, language: str, given: Mapping[str, Wording]) -> str:
    """Return a text with a campaign's words in it and everything else still to be filled in."""
    for name, value in _worded(given, language).items():
        words = words.replace(f"{{{name}}}", value)
    return words


def wordings_of(flow: Flow) -> Iterator[tuple[Step, Path, Wording]]:
    """Yield every text of a flow with its step and its place in the file."""
    for step in flow.steps.values():
        base: Path = ("steps", step.name)
        if step.text:
            yield step, (*base, "text" if step.kind == "ask" else "say"), step.text
        if step.unclear and step.unclear.say:
            yield step, (*base, "unclear", "say"), step.unclear.say
        for place, rung in enumerate(step.silence):
            if rung.say:
                yield step, (*base, "silence", place, "say"), rung.say


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
            targets = targets_of(replace(step, cases=cases))
            to_visit += [flow.steps[name] for name in targets if not isinstance(name, End) and name in flow.steps]
    return found


def _first_texts(flow: Flow, given: Mapping[str, Wording]) -> Iterator[Complaint]:
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
            if LINK.search(_as_given(words, language, given)):
                yield Complaint(path, "the first text holds a link", "Give it once they have answered")


def _words(path: Path, words: str) -> Iterator[Complaint]:
    match = RESERVED.search(words)
    if match:
        mend = "Ask for a digit or a plain word such as LATER or LUEGO"
        word = (match["asked"] or match["shouted"]).upper()
        yield Complaint(path, f"the text asks for {word}, which Twilio or the law claims", mend)
    short = SHORTENERS.search(words)
    if short:
        yield Complaint(
            path, f"the link {short[0]} hides where it leads, and carriers block it", "Write the whole address"
        )


def _same_facts(path: Path, wording: Wording) -> Iterator[Complaint]:
    english, spanish = (set(placeholders_in(wording.get(language, ""))) for language in LANGUAGES)
    for name in sorted((english ^ spanish) - SIGNATURES):
        language = "es" if name in english else "en"
        what = f"{{{name}}} stands in one language alone"
        yield Complaint((*path, language), what, "Say the same in both, or take it out")


def _length(  # noqa: PLR0913, PLR0917 - a text is counted in the light of these
    flow: Flow, step: Step, path: Path, words: str, given: Mapping[str, str], sessions: int
) -> Iterator[Complaint]:
    """Count a text with every sample; the first one that is too long is enough."""
    language = str(path[-1])
    options = options_text(step, language) if step.options else ""
    fields = [field for field, kind in flow.needs.items() if kind == WORDS]
    for sample in SAMPLES:
        values = sample_values(language, sample, sessions=sessions, options=options, fields=fields)
        body = fill(words, {**values, **given})
        counted = count_segments(body)
        if sample == "hard" and "first_name" in placeholders_in(words) and counted.units > GREETING_AT_MOST:
            what = f"it greets by name and is {counted.units} long with “María”"
            yield Complaint(path, what, f"Shorten it to {GREETING_AT_MOST}, or leave the name out")
            return
        if counted.segments > SEGMENTS_AT_MOST[sample]:
            what = f"with “{body}” it is {counted.units} units in {counted.encoding}: {counted.segments} segments"
            yield Complaint(path, what, f"Shorten it to {SEGMENTS_AT_MOST[sample]}")
            return


def _menu_size(flow: Flow) -> int:
    """Return how many sessions a menu of this flow may hold: those of its campaign, or those that it finds."""
    found = [int(str(step.given.get("at_most", 3))) for step in flow.steps.values() if step.do == "find sessions"]
    offered = [DEFAULT_MENU] if "sessions" in flow.needs else []
    return min(3, max([*found, *offered], default=DEFAULT_MENU))


def _steps_with_one_session(flow: Flow) -> set[str]:
    """Return the steps that only a conversation about one session comes to."""
    reached, to_visit = set[str](), [flow.start]
    while to_visit:
        name = to_visit.pop()
        if name in reached or name not in flow.steps:
            continue
        reached.add(name)
        step = flow.steps[name]
        alone = {case.then for case in step.cases if case.when.get("sessions") == 1 and isinstance(case.then, str)}
        others = {case.then for case in step.cases if case.when.get("sessions") != 1}
        to_visit += [each for each in targets_of(step) if isinstance(each, str) and each not in alone - others]
    return flow.steps.keys() - reached
