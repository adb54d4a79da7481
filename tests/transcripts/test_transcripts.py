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


def test_every_turning_of_a_flow_with_transcripts_has_one(session: Session) -> None:
    for path in FILES:
        if path not in _taken:
            play(session, path)
    taken = set[Turning]().union(*_taken.values())
    left_out = not_covered()
    wanted = [file.flow for name, file in shipped_flows().items() if has_transcripts(name) and name not in left_out]
    missed = {turning for flow in wanted for turning in all_turnings(flow)} - taken
    assert "invite" in {flow.name for flow in wanted}
    assert {" ".join(turning) for turning in missed} == {line for line in left_out if " " in line}


def has_transcripts(flow: str) -> bool:
    """Tell whether a file is named after the flow: then together the files take every turning of it."""
    return any(path.stem == flow or path.stem.startswith(f"{flow}_") for path in FILES)


def not_covered() -> set[str]:
    """Return what is left out on purpose: turnings, or a whole flow by its name."""
    lines = (FOLDER / "not_covered.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}
