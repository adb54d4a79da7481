"""Every transcript goes as it is written, and together they take every turning of the flows that they are of.

`REWRITE=1 pytest tests/transcripts` writes down how they go instead: read each changed line as a member would.
"""

import os
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from outreach.conversations.flow_files import shipped_flows
from tests.factories import seed
from tests.transcripts.player import FILES, FOLDER, Player, Turning, all_turnings, read_file, watched

_taken: dict[Path, set[Turning]] = {}


def play(session: Session, path: Path) -> list[str]:
    """Play every scene of a file, each as if nothing had been before it; return the file as it went."""
    intro, scenes = read_file(path)
    went, taken = [*intro], set[Turning]()
    seed(session)
    with watched(taken):
        for scene in scenes:
            with session.begin_nested() as attempt:
                session.connection()  # the savepoint is set when the connection is first asked for
                player = Player()
                player.play(scene)
                attempt.rollback()
            went += [f"## {scene.title}", *player.happened, ""]
    _taken[path] = taken
    return went[:-1]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_conversations_of_a_file_go_as_they_are_written(session: Session, path: Path) -> None:
    went = play(session, path)
    if os.environ.get("REWRITE"):
        path.write_text("\n".join(went) + "\n", encoding="utf-8")
    assert went == path.read_text(encoding="utf-8").splitlines()


def test_every_turning_of_a_shipped_flow_has_a_transcript(session: Session) -> None:
    for path in FILES:
        if path not in _taken:
            play(session, path)
    taken = set[Turning]().union(*_taken.values())
    missed = {turning for file in shipped_flows().values() for turning in all_turnings(file.flow)} - taken
    left_out = not_covered()
    assert {" ".join(turning) for turning in missed if turning[0] not in left_out} == {
        line for line in left_out if " " in line
    }


def not_covered() -> set[str]:
    """Return what is left out on purpose: turnings, or whole flows by their name."""
    lines = (FOLDER / "not_covered.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}
