"""The form of a flow: from the plain values of a file to a Flow, or complaints that each name a place and a mend."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from outreach.conversations.comparing import is_comparable
from outreach.conversations.flow import (
    LANGUAGES,
    PERSON,
    AskKind,
    Begin,
    Case,
    Flow,
    Keywords,
    Purpose,
    Rung,
    Step,
    Unclear,
    Wording,
)
from outreach.conversations.flow_reading import OUTCOME, FlowError, PartReader, Path, nearest
from outreach.conversations.vocabulary import (
    ACT_FORMS,
    ACTS,
    ANSWERS,
    ASK_KINDS,
    BEGINS_FROM,
    CHOICES_OF,
    COUNTS_FROM,
    FACTS,
    FLOW_KEYS,
    KEYWORD_KEYS,
    KEYWORD_SENDERS,
    MOMENT_KEYS,
    PURPOSES,
    RUNG_KEYS,
    SESSIONS,
    STEP_KEYS,
    VERSION,
    WORDS,
)
from outreach.people.segments import SEGMENTS

OPTIONS_AT_MOST = 9


def read_flow(name: str, definition: object) -> Flow:
    """Make a Flow of a file's plain values. Raises FlowError with every complaint."""
    reader = _Reader()
    flow = reader.flow(name, definition)
    if flow is None or reader.complaints:
        raise FlowError(reader.complaints)
    return flow


class _Reader(PartReader):
    """Reads one definition."""

    def flow(self, name: str, definition: object) -> Flow | None:
        fields = self.mapping((), definition, FLOW_KEYS, "a flow is a list of keys such as title, start and steps")
        if fields is None or not self.required((), fields, ("title", "expires", "start", "steps")):
            return None
        self.version(fields.get("version", VERSION))
        self.plain_words(("title",), fields["title"])
        needs = self.needs(fields.get("needs") or {})
        self.placeholders |= {field for field, kind in needs.items() if kind == WORDS}
        steps = self.steps(fields["steps"])
        once_in = fields.get("once_in")
        return Flow(
            name=name,
            title=str(fields["title"]),
            purpose=self.purpose(fields.get("purpose", PURPOSES[0])),
            needs=needs,
            languages=self.languages(fields.get("languages", list(LANGUAGES))),
            expires=self.duration(("expires",), fields["expires"]),
            start=self.step_name(("start",), fields["start"], steps),
            steps=steps,
            goal=self.goal(fields.get("goal", [])),
            segments=self.segments(fields.get("segments", [])),
            keywords=self.keywords(fields["keywords"]) if "keywords" in fields else None,
            begins=self.begins(fields["begins"]) if "begins" in fields else (),
            once_in=self.duration(("once_in",), once_in) if once_in is not None else None,
        )

    def version(self, value: object) -> None:
        if value != VERSION:
            self.complain(("version",), f"“{value}” is no version of the language", f"Write version: {VERSION}")

    def needs(self, value: object) -> dict[str, str]:
        fields = value if isinstance(value, Mapping) else self.mapping(("needs",), value, (), "needs: {sessions: …}")
        for field, kind in (fields or {}).items():
            wanted = (SESSIONS,) if field == "sessions" else (WORDS,)
            self.name(("needs", field), field, "placeholder")
            self.one_of(("needs", field), kind, wanted, "thing to ask a campaign for")
        return {str(field): str(kind) for field, kind in (fields or {}).items()}

    def purpose(self, value: object) -> Purpose:
        return cast("Purpose", self.one_of(("purpose",), value, PURPOSES, "purpose"))

    def languages(self, value: object) -> tuple[str, ...]:
        given = tuple(str(entry) for entry in value) if isinstance(value, list) else ()
        if set(given) != set(LANGUAGES):
            self.complain(("languages",), "the languages are not en and es", "Write languages: [en, es]")
        return given

    def goal(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.complain(("goal",), "the goal is not a list of outcomes", "Write goal: [booked]")
            return ()
        return tuple(self.name(("goal", place), each, "outcome") for place, each in enumerate(value))

    def segments(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.complain(("segments",), "the segments are not a list", "Write segments: [inactive, never_active]")
            return ()
        return tuple(
            self.one_of(("segments", place), each, tuple(SEGMENTS), "segment") for place, each in enumerate(value)
        )

    def keywords(self, value: object) -> Keywords | None:
        path: Path = ("keywords",)
        fields = self.mapping(path, value, KEYWORD_KEYS, "keywords: {en: [TRAINING], es: [CLASES]}")
        if fields is None or not self.required(path, fields, LANGUAGES):
            return None
        words = {language: self.keywords_in((*path, language), fields[language]) for language in LANGUAGES}
        sender = self.one_of((*path, "from"), fields.get("from", KEYWORD_SENDERS[0]), KEYWORD_SENDERS, "sender")
        return Keywords(words, anyone=sender == "anyone", with_code=bool(fields.get("code", False)))

    def keywords_in(self, path: Path, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            self.complain(path, "keywords are a list", "Write [TRAINING, CLASSES]")
            return ()
        for place, each in enumerate(value):
            if not str(each).isalpha():
                self.complain((*path, place), f"“{each}” is not one word of letters", "Write it so: TRAINING")
        return tuple(str(each).casefold() for each in value)

    def begins(self, value: object) -> tuple[Begin, ...]:
        if not isinstance(value, list) or not value:
            self.complain(("begins",), "begins is a list", "Write “- {when: 1 hour after attendance}”")
            return ()
        return tuple(self.begin(("begins", place), each) for place, each in enumerate(value))

    def begin(self, path: Path, value: object) -> Begin:
        fields = self.mapping(path, value, MOMENT_KEYS, "{when: 1 hour after attendance}") or {}
        moment = self.moment(path, "when", fields, BEGINS_FROM)
        if moment.anchor is None:
            self.complain((*path, "when"), "it does not say after what", "Write “1 hour after attendance”")
        return Begin(moment, self.name((*path, "name"), fields["name"], "name") if "name" in fields else "")

    def steps(self, value: object) -> dict[str, Step]:
        if not isinstance(value, Mapping) or not value:
            self.complain(("steps",), "there are no steps", "Add at least one step under “steps:”")
            return {}
        names = [str(name) for name in value]
        read = {str(name): self.step(("steps", name), str(name), entry, names) for name, entry in value.items()}
        return {name: step for name, step in read.items() if step is not None}

    def step(self, path: Path, name: str, value: object, names: Sequence[str]) -> Step | None:
        if not OUTCOME.fullmatch(name):
            self.complain(path, f"“{name}” is no step's name", "Name it in small letters, such as which_one")
        if name == PERSON:
            self.complain(path, "“person” is no step's name: it hands over to a person", "Give the step another name")
        kinds = [kind for kind in STEP_KEYS if isinstance(value, Mapping) and kind in value]
        if len(kinds) != 1 or not isinstance(value, Mapping):
            all_kinds = ", ".join(STEP_KEYS)
            self.complain(path, f"the step “{name}” is not one of {all_kinds}", "Give it exactly one of these")
            return None
        fields = self.mapping(path, value, STEP_KEYS[kinds[0]], "a step is a list of keys") or {}
        build = {"ask": self.ask, "say": self.say, "do": self.do, "branch": self.branch, "wait": self.wait}[kinds[0]]
        return build(path, name, fields, names)

    def ask(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        kind = self.one_of((*path, "ask"), fields["ask"], ASK_KINDS, "question")
        for key in ("text", "unclear", "silence"):
            if key not in fields:
                self.complain(path, f"the question “{name}” has no “{key}”", f"Add “{key}:” to it")
        options = self.options(path, kind, fields)
        answers = (*options, *ANSWERS[kind]) if kind in ANSWERS else None
        return Step(
            name=name,
            kind="ask",
            ask=cast("AskKind", kind),
            text=self.wording((*path, "text"), fields.get("text")),
            options=options,
            on=self.targets((*path, "on"), fields.get("on"), names, answers),
            unclear=self.unclear((*path, "unclear"), fields.get("unclear"), names),
            silence=self.silence((*path, "silence"), fields.get("silence"), names),
        )

    def options(self, path: Path, kind: str, fields: dict[str, Any]) -> dict[str, Wording]:
        """Read the numbered choices of a question, each with its own label; other questions have none."""
        value = fields.get("options")
        if kind != "choice":
            if value is not None:
                self.complain((*path, "options"), "only a choice has options", "Write “ask: choice”, or take them out")
            return {}
        if not isinstance(value, list) or not 1 < len(value) <= OPTIONS_AT_MOST:
            mend = "Write “- {name: im_in, en: I'm in, es: voy}” for each under “options:”"
            self.complain(path, f"a choice has two to {OPTIONS_AT_MOST} options", mend)
            return {}
        read: dict[str, Wording] = {}
        for place, entry in enumerate(value):
            here: Path = (*path, "options", place)
            labels = self.mapping(here, entry, ("name", *LANGUAGES), "{name: im_in, en: I'm in, es: voy}") or {}
            option = self.name((*here, "name"), labels.pop("name", None), "option")
            read[option] = self.wording(here, labels) or {}
            for language, label in read[option].items():
                self.plain_words((*here, language), label)
            if option not in (fields.get("on") or {}):
                self.complain(here, f"nothing follows the option “{option}”", f"Add “{option}: STEP” to “on:”")
        return read

    def say(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        after = self.after(path, fields)
        if after is None:
            self.complain(path, f"after “{name}” nothing follows", "Add “then: STEP” or “end: OUTCOME”")
        then = self.target(path, after, names) if after is not None else None
        return Step(name=name, kind="say", text=self.wording((*path, "say"), fields["say"]), then=then)

    def wait(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        after = self.after(path, fields)
        if after is None:
            self.complain(path, f"after “{name}” nothing follows", "Add “then: STEP” or “end: OUTCOME”")
        then = self.target(path, after, names) if after is not None else None
        moment = self.moment(path, "wait", fields, COUNTS_FROM)
        on = self.targets((*path, "on"), fields.get("on", {}), names, ANSWERS["free text"])
        return Step(name=name, kind="wait", wait=moment, on=on, then=then)

    def do(self, path: Path, name: str, fields: dict[str, Any], names: Sequence[str]) -> Step:
        act = self.one_of((*path, "do"), fields["do"], tuple(ACTS), "act")
        results = ACTS.get(act)
        on = self.targets((*path, "on"), fields.get("on"), names, results)
        for result in results or ():
            if result not in on:
                self.complain(
                    path, f"“{name}” does not say what follows “{result}”", f"Add “{result}: STEP” to its “on:”"
                )
        return Step(name=name, kind="do", do=act, given=self.given(path, act, fields.get("with")), on=on)

    def given(self, path: Path, act: str, value: object) -> dict[str, object]:
        """Read what an act is given: as it stands in the file, once it is found to be what the act takes."""
        form = ACT_FORMS.get(act)
        if form is None or (value is None and not form.required):
            return {}
        here: Path = (*path, "with")
        example = "{" + ", ".join(f"{key}: …" for key in form.required or form.given) + "}"
        fields = self.mapping(here if value is not None else path, value, tuple(form.given), f"with: {example}")
        if fields is None or not self.required(here, fields, form.required):
            return {}
        for key, entry in fields.items():
            self.given_value((*here, key), form.given.get(key, ""), entry)
        return fields

    def given_value(self, path: Path, written: str, value: object) -> None:
        if written == "duration":
            self.duration(path, value)
        elif written == "time":
            self.time_of_day(path, value)
        elif written == "number" and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            self.complain(path, f"“{value}” is no number", "Write a whole number, such as 3")
        elif written in CHOICES_OF:
            self.one_of(path, value, CHOICES_OF[written], "word")
        elif written == "words":
            self.plain_words(path, value)
        elif written in {"name", "flow"} and not OUTCOME.fullmatch(str(value)):
            self.complain(path, f"“{value}” is no name", "Name it in small letters, such as why_not")

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
            if not is_comparable(compared, kind):
                self.complain((*path, "when", fact), f"“{compared}” is not what {fact} can be", f"Write {written}")
        return Case(when=when, then=self.target(path, self.after(path, fields), names))

    def step_name(self, path: Path, value: object, steps: Mapping[str, Step]) -> str:
        if str(value) not in steps:
            self.complain(path, f"there is no step “{value}”", nearest(str(value), list(steps)))
        return str(value)

    def unclear(self, path: Path, value: object, names: Sequence[str]) -> Unclear | None:
        if value is None:
            return None
        fields = self.mapping(path, value, ("say", "then"), "unclear: {say: {en: …, es: …}, then: person}") or {}
        say = self.wording((*path, "say"), fields["say"]) if "say" in fields else None
        return Unclear(say=say, then=self.target((*path, "then"), fields.get("then"), names))

    def silence(self, path: Path, value: object, names: Sequence[str]) -> tuple[Rung, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not value:
            self.complain(path, "silence is a list", "Write “- {after: 2 days, end: no_answer}”")
            return ()
        rungs = tuple(self.rung((*path, place), entry, names) for place, entry in enumerate(value))
        if rungs[-1].then is None and rungs[-1].say is not None:
            self.complain(
                path, "the silence ladder has no end", "Add “- {after: 5 days, end: no_answer}” as its last rung"
            )
        return rungs

    def rung(self, path: Path, value: object, names: Sequence[str]) -> Rung:
        fields = self.mapping(path, value, RUNG_KEYS, "{after: 2 days, end: no_answer}") or {}
        after = self.after(path, fields)
        if ("say" in fields) == (after is not None or "end" in fields):
            self.complain(path, "a rung of silence either says something or ends", "Give it “say:” or “end:”")
        if "after" in fields and "when" in fields:
            self.complain(path, "it has both “after” and “when”", "Take one of them out")
        return Rung(
            moment=self.moment(path, "when" if "when" in fields else "after", fields, COUNTS_FROM),
            say=self.wording((*path, "say"), fields["say"]) if "say" in fields else None,
            then=self.target((*path, "end" if "end" in fields else "then"), after, names)
            if after is not None
            else None,
        )
