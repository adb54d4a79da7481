"""The form of a flow: from the plain values of a file to a Flow, or complaints that each name a place and a mend."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, cast, get_args

from outreach.conversations.flow import (
    LANGUAGES,
    PERSON,
    AskKind,
    Case,
    End,
    Flow,
    Purpose,
    Rung,
    Step,
    Target,
    Unclear,
    Wording,
)
from outreach.conversations.wording import PLACEHOLDERS, placeholders_in, stray_braces_in

Path = tuple[str | int, ...]

FLOW_KEYS = ("title", "purpose", "needs", "languages", "expires", "start", "steps")
STEP_KEYS = {
    "ask": ("ask", "text", "on", "unclear", "silence"),
    "say": ("say", "then", "end"),
    "do": ("do", "on"),
    "branch": ("branch",),
}
ASK_KINDS = get_args(AskKind)
PURPOSES = get_args(Purpose)
NEEDS = ("sessions",)
ANSWERS: dict[str, tuple[str, ...]] = {
    "choice of sessions": (
        "choice", "yes", "no", "maybe", "availability", "snooze", "need", "question", "callback", "thanks", "other",
    ),
    "yes or no": ("yes", "no", "maybe", "availability", "snooze", "need", "question", "callback", "thanks", "other"),
    "coming": ("yes", "no", "other_date", "maybe", "availability", "question", "callback", "thanks", "other"),
    "needs": ("need", "none", "no", "yes", "question", "callback", "other"),
    "free text": ("availability", "snooze", "yes", "no", "maybe", "need", "question", "callback", "thanks", "other"),
}  # fmt: skip
ACTS: dict[str, tuple[str, ...]] = {
    "rsvp yes": ("booked", "waitlisted", "closed"),
    "rsvp other": ("booked", "waitlisted", "closed"),
    "rsvp maybe": ("noted", "closed"),
    "rsvp no": ("noted", "closed"),
    "note need": ("noted",),
    "note availability": ("noted",),
    "snooze": ("noted",),
}
# Each fact that a branch may ask for, and what a case may compare it with.
FACTS: dict[str, tuple[type, str]] = {
    "sessions": (int, "a number"),
    "other_sessions": (int, "a number"),
    "needs_told": (bool, "true or false"),
    "times_told": (bool, "true or false"),
    "until_told": (bool, "true or false"),
    "language": (str, "en or es"),
    "reminder": (str, "a reminder's name"),
}
DURATION = re.compile(r"(\d{1,3}) (minute|hour|day)s?")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
OUTCOME = re.compile(r"[a-z][a-z0-9_]*")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a flow, where in it, and how to mend it."""

    path: Path
    what: str
    mend: str


class FlowError(Exception):
    """Carry every complaint about one flow."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(f"{len(complaints)} complaints")
        self.complaints = tuple(complaints)


def read_flow(name: str, definition: object) -> Flow:
    """Make a Flow of a file's plain values. Raises FlowError with every complaint."""
    reader = _Reader()
    flow = reader.flow(name, definition)
    if flow is None or reader.complaints:
        raise FlowError(reader.complaints)
    return flow


class _Reader:
    """Reads one definition, collecting complaints instead of stopping at the first."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []

    def complain(self, path: Path, what: str, mend: str) -> None:
        self.complaints.append(Complaint(path, what, mend))

    def flow(self, name: str, definition: object) -> Flow | None:
        fields = self.mapping((), definition, FLOW_KEYS, "a flow is a list of keys such as title, start and steps")
        if fields is None or not self.required((), fields, ("title", "expires", "start", "steps")):
            return None
        steps = self.steps(fields["steps"])
        languages = self.languages(fields.get("languages", list(LANGUAGES)))
        expires = self.duration(("expires",), fields["expires"])
        start = self.step_name(("start",), fields["start"], steps)
        return Flow(
            name=name,
            title=str(fields["title"]),
            purpose=self.purpose(fields.get("purpose", PURPOSES[0])),
            needs=self.needs(fields.get("needs") or {}),
            languages=languages,
            expires=expires,
            start=start,
            steps=steps,
        )

    def mapping(self, path: Path, value: object, keys: Sequence[str], mend: str) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            self.complain(path, "this is not a list of keys", f"Write it so: {mend}")
            return None
        for key in value:
            if key not in keys:
                self.complain((*path, key), f"unknown key “{key}”", _nearest(str(key), keys))
        return {str(key): entry for key, entry in value.items()}

    def required(self, path: Path, fields: Mapping[str, object], keys: Sequence[str]) -> bool:
        missing = [key for key in keys if fields.get(key) is None]
        for key in missing:
            self.complain(path, f"“{key}” is missing", f"Add “{key}:”")
        return not missing

    def needs(self, value: object) -> dict[str, str]:
        fields = self.mapping(("needs",), value, NEEDS, "needs: {sessions: training_sessions}") or {}
        return {key: str(entry) for key, entry in fields.items()}

    def purpose(self, value: object) -> Purpose:
        if value not in PURPOSES:
            self.complain(("purpose",), f"unknown purpose “{value}”", _nearest(str(value), PURPOSES))
        return cast("Purpose", value)

    def languages(self, value: object) -> tuple[str, ...]:
        given = tuple(str(entry) for entry in value) if isinstance(value, list) else ()
        if set(given) != set(LANGUAGES):
            self.complain(("languages",), "the languages are not en and es", "Write languages: [en, es]")
        return given

    def steps(self, value: object) -> dict[str, Step]:
        if not isinstance(value, Mapping) or not value:
            self.complain(("steps",), "there are no steps", "Add at least one step under “steps:”")
            return {}
        names = [str(name) for name in value]
        read = {str(name): self.step(("steps", name), str(name), entry, names) for name, entry in value.items()}
        return {name: step for name, step in read.items() if step is not None}

    def step(self, path: Path, name: str, value: object, names: Sequence[str]) -> Step | None:
        if name == PERSON:
            self.complain(path, "“person” is no step's name: it hands over to a person", "Give the step another name")
        kinds = [kind for kind in STEP_KEYS if isinstance(value, Mapping) and kind in value]
        if len(kinds) != 1 or not isinstance(value, Mapping):
            self.complain(path, f"the step “{name}” is not one of ask, say, do, branch", "Give it exactly one of these")
            return None
        fields = self.mapping(path, value, STEP_KEYS[kinds[0]], "a step is a list of keys") or {}
        build = {"ask": self.ask, "say": self.say, "do": self.do, "branch": self.branch}[kinds[0]]
        return build(path, name, fields, names)

    def ask(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        kind = str(fields["ask"])
        if kind not in ASK_KINDS:
            self.complain((*path, "ask"), f"unknown question “{kind}”", _nearest(kind, ASK_KINDS))
        for key in ("text", "unclear", "silence"):
            if key not in fields:
                self.complain(path, f"the question “{name}” has no “{key}”", f"Add “{key}:” to it")
        return Step(
            name=name,
            kind="ask",
            ask=cast("AskKind", kind),
            text=self.wording((*path, "text"), fields.get("text")),
            on=self.targets((*path, "on"), fields.get("on"), names, ANSWERS.get(kind)),
            unclear=self.unclear((*path, "unclear"), fields.get("unclear"), names),
            silence=self.silence((*path, "silence"), fields.get("silence")),
        )

    def say(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        after = self.after(path, fields)
        if after is None:
            self.complain(path, f"after “{name}” nothing follows", "Add “then: STEP” or “end: OUTCOME”")
        then = self.target(path, after, names) if after is not None else None
        return Step(name=name, kind="say", text=self.wording((*path, "say"), fields["say"]), then=then)

    def do(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        act = str(fields["do"])
        if act not in ACTS:
            self.complain((*path, "do"), f"unknown act “{act}”", _nearest(act, tuple(ACTS)))
        results = ACTS.get(act)
        on = self.targets((*path, "on"), fields.get("on"), names, results)
        for result in results or ():
            if result not in on:
                self.complain(
                    path, f"“{name}” does not say what follows “{result}”", f"Add “{result}: STEP” to its “on:”"
                )
        return Step(name=name, kind="do", do=act, on=on)

    def branch(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        value = fields["branch"]
        if not isinstance(value, list) or not value:
            self.complain((*path, "branch"), "a branch is a list of cases", "Write “- {when: {…}, then: STEP}”")
            return Step(name=name, kind="branch")
        cases = tuple(self.case((*path, "branch", place), entry, names) for place, entry in enumerate(value))
        if cases and cases[-1].when:
            self.complain(
                (*path, "branch"), "the last case has a condition, so nothing may follow", "Add “- {then: STEP}”"
            )
        return Step(name=name, kind="branch", cases=cases)

    def case(self, path: Path, value: object, names: Sequence[str]) -> Case:
        fields = self.mapping(path, value, ("when", "then", "end"), "{when: {fact: value}, then: STEP}") or {}
        when = self.mapping((*path, "when"), fields.get("when", {}), tuple(FACTS), "when: {sessions: 1}") or {}
        for fact, compared in when.items():
            kind, written = FACTS.get(fact, (object, ""))
            if not isinstance(compared, kind) or (isinstance(compared, bool) and kind is int):
                self.complain((*path, "when", fact), f"“{compared}” is not what {fact} can be", f"Write {written}")
        return Case(when=when, then=self.target(path, self.after(path, fields), names))

    def after(self, path: Path, fields: Mapping[str, object]) -> object:
        """Return where a step goes on as its `then` or `end` says; None when it has neither."""
        if "end" in fields and "then" in fields:
            self.complain(path, "it has both “then” and “end”", "Take one of them out")
        return {"end": fields["end"]} if "end" in fields else fields.get("then")

    def targets(self, path: Path, value: object, names: Sequence[str], keys: Sequence[str] | None) -> dict[str, Target]:
        """Read where each answer or result leads; without `keys` their names go unchecked: one complaint is enough."""
        known = tuple(map(str, value)) if keys is None and isinstance(value, Mapping) else keys or ()
        fields = self.mapping(path, value, known, "on: {ANSWER: STEP}") or {}
        return {key: self.target((*path, key), entry, names) for key, entry in fields.items() if key in known}

    def target(self, path: Path, value: object, names: Sequence[str]) -> Target:
        if isinstance(value, Mapping) and set(value) == {"end"}:
            return self.end(path, value["end"])
        if isinstance(value, str) and (value in names or value == PERSON):
            return value
        self.complain(path, f"there is no step “{value}”", _nearest(str(value), [*names, PERSON]))
        return PERSON

    def end(self, path: Path, value: object) -> End:
        if not isinstance(value, str) or not OUTCOME.fullmatch(value):
            self.complain(path, f"“{value}” is no outcome", "Name it in small letters, such as no_answer")
        return End(str(value))

    def step_name(self, path: Path, value: object, steps: Mapping[str, Step]) -> str:
        if str(value) not in steps:
            self.complain(path, f"there is no step “{value}”", _nearest(str(value), list(steps)))
        return str(value)

    def unclear(self, path: Path, value: object, names: Sequence[str]) -> Unclear | None:
        if value is None:
            return None
        fields = self.mapping(path, value, ("say", "then"), "unclear: {say: {en: …, es: …}, then: person}") or {}
        say = self.wording((*path, "say"), fields["say"]) if "say" in fields else None
        return Unclear(say=say, then=self.target((*path, "then"), fields.get("then"), names))

    def silence(self, path: Path, value: object) -> tuple[Rung, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not value:
            self.complain(path, "silence is a list", "Write “- {after: 2 days, end: no_answer}”")
            return ()
        rungs = tuple(self.rung((*path, place), entry) for place, entry in enumerate(value))
        if rungs[-1].end is None:
            self.complain(
                path, "the silence ladder has no end", "Add “- {after: 5 days, end: no_answer}” as its last rung"
            )
        return rungs

    def rung(self, path: Path, value: object) -> Rung:
        fields = self.mapping(path, value, ("after", "at", "say", "end"), "{after: 2 days, end: no_answer}") or {}
        if ("say" in fields) == ("end" in fields):
            self.complain(path, "a rung of silence either says something or ends", "Give it “say:” or “end:”")
        return Rung(
            after=self.duration((*path, "after"), fields.get("after")),
            at=self.time_of_day((*path, "at"), fields["at"]) if "at" in fields else None,
            say=self.wording((*path, "say"), fields["say"]) if "say" in fields else None,
            end=self.end((*path, "end"), fields["end"]) if "end" in fields else None,
        )

    def duration(self, path: Path, value: object) -> timedelta:
        match = DURATION.fullmatch(str(value))
        if match is None or int(match[1]) == 0:
            self.complain(path, f"“{value}” is no duration", "Write it as “30 minutes”, “2 hours” or “5 days”")
            return timedelta(days=1)
        return timedelta(**{f"{match[2]}s": int(match[1])})

    def time_of_day(self, path: Path, value: object) -> time:
        match = TIME.fullmatch(str(value))
        if match is None:
            self.complain(path, f"“{value}” is no time of day", 'Write it in quotes, as "17:30"')
            return time(12)
        return time(int(match[1]), int(match[2]))

    def wording(self, path: Path, value: object) -> Wording | None:
        fields = self.mapping(path, value, LANGUAGES, "{en: “…”, es: “…”}")
        if fields is None:
            return None
        for language in LANGUAGES:
            if not str(fields.get(language) or "").strip():
                self.complain(
                    path, f"the {language} wording is missing", f"Add “{language}:” beside the other language"
                )
        for language, words in fields.items():
            self.words((*path, language), str(words))
        return {language: str(words) for language, words in fields.items()}

    def words(self, path: Path, words: str) -> None:
        if CONTROL.search(words):
            self.complain(path, "the wording holds a control character", "Take it out; write the text on one line")
        for name in placeholders_in(words):
            if name not in PLACEHOLDERS:
                self.complain(path, f"unknown placeholder {{{name}}}", _nearest(name, sorted(PLACEHOLDERS)))
        if stray_braces_in(words):
            self.complain(path, "a brace stands alone or holds no placeholder's name", "Write it as {first_name}")


def _nearest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean “{close[0]}”?" if close else f"Use one of: {', '.join(known)}"
