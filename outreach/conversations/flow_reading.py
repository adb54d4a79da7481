"""Reading the small parts of a flow: keys, durations, times, moments, wordings; each complaint names place and mend."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, cast

from outreach.conversations.flow import LANGUAGES, PERSON, Anchor, End, Moment, Target, Wording
from outreach.conversations.vocabulary import LIES_AHEAD
from outreach.conversations.wording import PLACEHOLDERS, placeholders_in, stray_braces_in

Path = tuple[str | int, ...]

DURATION = re.compile(r"(\d{1,3}) (minute|hour|day)s?")
MOMENT = re.compile(r"(\d{1,3} (?:minute|hour|day)s?) (after|before) (.+)")
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
OUTCOME = re.compile(r"[a-z][a-z0-9_]*")
# Those that are seen by nobody too: they make a text cost more, or turn it around.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
PLAIN_NAME = "Name it in small letters, such as no_answer"


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


class PartReader:
    """Reads parts of a definition, collecting complaints instead of stopping at the first."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []
        # Beside the house's own, a flow's texts may hold what its campaign fills in.
        self.placeholders = PLACEHOLDERS

    def complain(self, path: Path, what: str, mend: str) -> None:
        """Add a complaint."""
        self.complaints.append(Complaint(path, what, mend))

    def mapping(self, path: Path, value: object, keys: Sequence[str], mend: str) -> dict[str, Any] | None:
        """Read a list of keys, complaining of every key that is not known."""
        if not isinstance(value, Mapping):
            self.complain(path, "this is not a list of keys", f"Write it so: {mend}")
            return None
        fields = dict[str, Any]()
        for key, entry in value.items():
            known = key if key in keys else self.unknown((*path, key), str(key), keys)
            if known not in fields:
                fields[known] = entry
        return fields

    def unknown(self, path: Path, key: str, keys: Sequence[str]) -> str:
        """Complain of a key that is not known; return the one that is meant, so that one mistake is one complaint."""
        self.complain(path, f"unknown key “{key}”", nearest(key, keys))
        return next(iter(_close(key, keys)), key)

    def required(self, path: Path, fields: Mapping[str, object], keys: Sequence[str]) -> bool:
        """Tell whether all of these keys are there, complaining of each that is not."""
        missing = [key for key in keys if fields.get(key) is None]
        for key in missing:
            self.complain(path, f"“{key}” is missing", f"Add “{key}:”")
        return not missing

    def one_of(self, path: Path, value: object, known: Sequence[str], what: str) -> str:
        """Read one of a few words."""
        if value not in known:
            self.complain(path, f"unknown {what} “{value}”", nearest(str(value), known))
        return str(value)

    def name(self, path: Path, value: object, what: str) -> str:
        """Read a name in small letters."""
        if not isinstance(value, str) or not OUTCOME.fullmatch(value):
            self.complain(path, f"“{value}” is no {what}", PLAIN_NAME)
        return str(value)

    def duration(self, path: Path, value: object) -> timedelta:
        """Read a duration such as `2 days`."""
        match = DURATION.fullmatch(str(value))
        if match is None or int(match[1]) == 0:
            self.complain(path, f"“{value}” is no duration", "Write it as “30 minutes”, “2 hours” or “5 days”")
            return timedelta(days=1)
        return timedelta(**{f"{match[2]}s": int(match[1])})

    def time_of_day(self, path: Path, value: object) -> time:
        """Read a time of day such as `17:30`."""
        match = TIME.fullmatch(str(value))
        if match is None:
            self.complain(path, f"“{value}” is no time of day", 'Write it in quotes, as "17:30"')
            return time(12)
        return time(int(match[1]), int(match[2]))

    def moment(self, path: Path, key: str, fields: Mapping[str, object], anchors: Sequence[Anchor]) -> Moment:
        """Read a moment: `2 days`, or `1 day before session`, with a time of day or the hours that it may be in."""
        if "at" in fields and "between" in fields:
            self.complain(path, "it has both “at” and “between”", "Take one of them out")
        counted = MOMENT.fullmatch(str(fields.get(key)))
        at = self.time_of_day((*path, "at"), fields["at"]) if "at" in fields else None
        between = self.hours((*path, "between"), fields["between"]) if "between" in fields else None
        if counted is None:
            return Moment(self.duration((*path, key), fields.get(key)), None, at, between)
        anchor = cast("Anchor", self.one_of((*path, key), counted[3], anchors, "moment"))
        offset = self.duration((*path, key), counted[1])
        if counted[2] == "before" and anchor not in LIES_AHEAD:
            self.complain((*path, key), f"nobody knows what is before “{anchor}”", "Write “after”")
        return Moment(-offset if counted[2] == "before" else offset, anchor, at, between)

    def hours(self, path: Path, value: object) -> tuple[time, time]:
        """Read a part of the day such as `11:00-20:00`."""
        opens, _, closes = str(value).partition("-")
        if not (TIME.fullmatch(opens) and TIME.fullmatch(closes) and opens < closes):
            self.complain(path, f"“{value}” is no part of a day", 'Write it in quotes, as "11:00-20:00"')
            return time(0), time(23, 59)
        return self.time_of_day(path, opens), self.time_of_day(path, closes)

    def targets(self, path: Path, value: object, names: Sequence[str], keys: Sequence[str] | None) -> dict[str, Target]:
        """Read where each answer or result leads; without `keys` their names go unchecked: one complaint is enough."""
        known = tuple(map(str, value)) if keys is None and isinstance(value, Mapping) else keys or ()
        fields = self.mapping(path, value, known, "on: {ANSWER: STEP}") or {}
        return {key: self.target((*path, key), entry, names) for key, entry in fields.items() if key in known}

    def target(self, path: Path, value: object, names: Sequence[str]) -> Target:
        """Read where something leads: a step, a person, or an end."""
        if isinstance(value, Mapping) and set(value) == {"end"}:
            return self.end(path, value["end"])
        if isinstance(value, str) and (value in names or value == PERSON):
            return value
        self.complain(path, f"there is no step “{value}”", nearest(str(value), [*names, PERSON]))
        return PERSON

    def end(self, path: Path, value: object) -> End:
        """Read an end by its outcome."""
        return End(self.name(path, value, "outcome"))

    def after(self, path: Path, fields: Mapping[str, object]) -> object:
        """Return where a step goes on as its `then` or `end` says; None when it has neither."""
        if "end" in fields and "then" in fields:
            self.complain(path, "it has both “then” and “end”", "Take one of them out")
        return {"end": fields["end"]} if "end" in fields else fields.get("then")

    def wording(self, path: Path, value: object) -> Wording | None:
        """Read a text in both languages."""
        fields = self.mapping(path, value, LANGUAGES, "{en: “…”, es: “…”}")
        if fields is None:
            return None
        for language in LANGUAGES:
            # Where a key is no language, that is complained of already.
            if not str(fields.get(language) or "").strip() and fields.keys() <= set(LANGUAGES):
                self.complain(
                    path, f"the {language} wording is missing", f"Add “{language}:” beside the other language"
                )
        for language, words in fields.items():
            self.words((*path, language), str(words))
        return {language: str(words) for language, words in fields.items()}

    def words(self, path: Path, words: str) -> None:
        """Check one text: its characters and its placeholders."""
        if CONTROL.search(words):
            self.complain(path, "the wording holds a control character", "Take it out; write the text on one line")
        for name in placeholders_in(words):
            if name not in self.placeholders:
                self.complain(path, f"unknown placeholder {{{name}}}", nearest(name, sorted(self.placeholders)))
        if stray_braces_in(words):
            self.complain(path, "a brace stands alone or holds no placeholder's name", "Write it as {first_name}")

    def plain_words(self, path: Path, value: object) -> None:
        """Check words that nothing is filled into."""
        if CONTROL.search(str(value)):
            self.complain(path, "it holds a control character", "Take it out; write it on one line")
        elif "{" in str(value) or "}" in str(value):
            self.complain(path, "a placeholder inside a name is never filled", "Write it out")


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the mend for a word that is not known: the nearest known one, else all of them."""
    close = _close(word, known)
    return f"Did you mean “{close[0]}”?" if close else f"Use one of: {', '.join(known)}"


def _close(word: str, known: Sequence[str]) -> list[str]:
    return difflib.get_close_matches(word, known, n=1, cutoff=0.6)
