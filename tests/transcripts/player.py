"""Plays transcripts against the real engine and database (README.md tells how they are written)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from outreach.database import transaction
from outreach.trainings.check_in_codes import check_in_code
from tests.factories import make_person
from tests.transcripts.days import LA, PHONE, Days
from tests.transcripts.scenes import SCENE, WAY, Line, Part, Scene
from tests.transcripts.stage import ARRANGEMENTS, Stage

SPAN = re.compile(r"(\d+) (minute|hour|day)s?")
UNTIL = re.compile(r"until (\d{4}-\d\d-\d\dT\d\d:\d\d)")
CODE = re.compile(r"\{code (\d)\}")
# The first line of a scene whose number nobody knows.
STRANGER = "stranger"


@dataclass
class Player:
    """Plays one scene. `happened` is what was said and what came out, as lines of a transcript."""

    days: Days = field(default_factory=Days)
    sessions: list[int] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)

    def play(self, session: Session, scene: Scene) -> list[str]:
        """Play the beginning and each way on from there; return the scene as it went."""
        first = scene.beginning.lines[0] if scene.beginning.lines else None
        if first is None or first.words != STRANGER:
            with transaction() as making:
                make_person(making, phone=PHONE)
        self._play(scene.beginning)
        self.happened.insert(0, f"{SCENE}{scene.beginning.title}")
        stood = (self.days.now, self.days.seen, list(self.sessions))
        for way in scene.ways:
            with taken_back(session):
                self.happened.append(f"{WAY}{way.title}")
                self._play(way)
            self.days.now, self.days.seen, self.sessions = stood[0], stood[1], list(stood[2])
        return self.happened

    def _play(self, part: Part) -> None:
        done = (line for line in part.lines if line.mark not in "<=*")
        for mark, lines in groupby(done, key=lambda line: line.mark):
            for line in lines:
                self.happened.append(f"{line.mark} {line.words}".rstrip())
                with noted_at(line):
                    self._do(line)
                if mark != "!":
                    self.happened += self.days.came()
            if mark == "!":
                self.days.chores()
                self.happened += self.days.came()

    def _do(self, line: Line) -> None:
        if line.mark == ">":
            self.days.write(PHONE, CODE.sub(lambda found: check_in_code(self._session(found[1])), line.words))
        elif line.mark == "+":
            self._wait(line)
        elif line.mark == "!":
            what, *more = line.words.split()
            with transaction() as session:
                ARRANGEMENTS[what](Stage(session, self.days, self.sessions), *more)
        else:
            raise ValueError(f"line {line.number} begins with none of ! > + < = * -")

    def _wait(self, line: Line) -> None:
        span, until = SPAN.fullmatch(line.words), UNTIL.fullmatch(line.words)
        if span:
            self.days.wait(**{f"{span[2]}s": int(span[1])})
        elif until:
            moment = datetime.fromisoformat(until[1]).replace(tzinfo=LA)
            self.days.wait(seconds=(moment - self.days.now).total_seconds())
        else:
            raise ValueError(f"line {line.number} waits for no time: “2 days”, “until 2026-12-12T17:00”")

    def _session(self, number: str) -> int:
        return self.sessions[int(number) - 1]


@contextmanager
def noted_at(line: Line) -> Iterator[None]:
    """Say of whatever goes wrong at which line it did."""
    try:
        yield
    except Exception as error:
        error.add_note(f"line {line.number} of the transcript: {line.mark} {line.words}")
        raise


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """Take back whatever happens inside. psycopg is not told: at a rollback it would forget all it has prepared."""
    connection = session.connection().connection.driver_connection
    assert connection is not None
    connection.pgconn.exec_(b"SAVEPOINT before")
    try:
        yield
    finally:
        connection.pgconn.exec_(b"ROLLBACK TO SAVEPOINT before")
        connection.pgconn.exec_(b"RELEASE SAVEPOINT before")
