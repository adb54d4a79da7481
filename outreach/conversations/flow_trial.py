"""Trying a flow: the real engine and reader, two made-up sessions, acts that come to what one wants them to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.conversations.effects import Act, Finish, HandOff, Say, Wait
from outreach.conversations.engine import Move, State, advance
from outreach.conversations.facts import Facts, OfferedSession
from outreach.conversations.flow import Flow
from outreach.conversations.questions import question_of
from outreach.conversations.samples import NAMES, ORG, TITLES, sample_values
from outreach.conversations.signals import ActResult, Expired, Replied, Signal, Silence, Started
from outreach.conversations.vocabulary import ACTS, WORDS
from outreach.conversations.waits import EXPIRED
from outreach.trainings.labels import when_label
from outreach.understanding import read

ACTS_A_TURN = 20
PLACES = ("Boyle Heights", "Zoom")


@dataclass
class Trial:
    """A flow under way with nobody: what is said comes back as lines, each beginning with its mark."""

    flow: Flow
    language: str
    now: datetime
    zone: ZoneInfo
    state: State = field(default_factory=lambda: State("", {}))
    outcome: str | None = None
    result: str = ""
    _timers: dict[str, datetime] = field(default_factory=dict)
    _started_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Keep when it began."""
        self._started_at = self.now
        # What flows that begin by themselves are given: a seat's deadline.
        self.state = State("", self._told())

    def begin(self) -> list[str]:
        """Begin the flow."""
        return self._take(Started())

    def write(self, words: str) -> list[str]:
        """Let the member write."""
        context, menu = question_of(self.flow.steps.get(self.state.step), self.state.memory, self._facts())
        reading = read(words, context=context, menu=menu, now=self.now.astimezone(self.zone))
        return [f"# {reading.rule}", *self._take(Replied(reading, words))]

    def stay_silent(self) -> list[str]:
        """Let time pass until something happens by itself."""
        name, due = min(self._timers.items(), key=lambda timer: timer[1])
        self.now = max(self.now, due)
        signal = Expired() if name == EXPIRED else Silence(int(name.rpartition(":")[2]))
        return [f"+ {when_label(self.now, self.zone, self.language)}", *self._take(signal)]

    def _take(self, signal: Signal) -> list[str]:
        lines = list[str]()
        for _ in range(ACTS_A_TURN):
            move = advance(self.flow, self.state, self._facts(), signal, self.now)
            self.state = move.state
            lines += self._lines(move)
            if not move.unfinished:
                return lines
            act = move.effects[-1]
            if isinstance(act, Act):
                signal = self._act(act)
                lines.append(f"= {act.name}: {signal.name}")
        return lines

    def _act(self, act: Act) -> ActResult:
        """Let an act come to the result that was wished for, else to its first."""
        results = ACTS[act.name]
        name, self.result = (self.result if self.result in results else results[0]), ""
        values = self._told()
        if "for" in act.given:
            values["until"] = (self.now + timedelta(days=30)).date().isoformat()
        if name == "found":
            values |= {"menu": [1, 2], "chosen": []}
        return ActResult(name, values)

    def _told(self) -> dict[str, object]:
        return {"position": 1, "deadline": (self.now + timedelta(days=1)).isoformat()}

    def _lines(self, move: Move) -> Iterator[str]:
        for effect in move.effects:
            if isinstance(effect, Say):
                yield f"< {effect.body}"
            elif isinstance(effect, HandOff):
                yield "= a person answers"
            elif isinstance(effect, Wait):
                self._timers = {timer.name: timer.due_at for timer in effect.timers}
            elif isinstance(effect, Finish):
                self.outcome = effect.outcome
                yield f"= ended: {effect.outcome}"

    def _facts(self) -> Facts:
        offered = [self._started_at + timedelta(days=8), self._started_at + timedelta(days=12)]
        titles = TITLES[self.language]
        fields = [name for name, kind in self.flow.needs.items() if kind == WORDS]
        return Facts(
            language=self.language,
            zone=str(self.zone),
            started_at=self._started_at,
            sessions=tuple(
                OfferedSession(
                    number,
                    when_label(at, self.zone, self.language),
                    place,
                    at,
                    at > self.now,
                    True,
                    at + timedelta(hours=3),
                    title=title,
                )
                for number, (at, place, title) in enumerate(zip(offered, PLACES, titles, strict=False), 1)
            ),
            values={
                **sample_values(self.language, "plain", fields=fields),
                "first_name": NAMES["plain"],
                "org": ORG,
                "about": when_label(offered[0], self.zone, self.language),
            },
        )
