"""Every transcript goes as it is written, and together they take every turning of every flow, in both languages.

`REWRITE=1 pytest tests/transcripts` writes down how they go instead: read each changed line as a member would.
"""

import os
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from outreach.conversations.flow_files import shipped_flows
from tests.factories import seed
from tests.transcripts.player import Player, taken_back
from tests.transcripts.scenes import FILES, read_file
from tests.transcripts.turnings import Turning, all_turnings, left_out, watched

_taken: dict[Path, set[Turning]] = {}


def play(session: Session, path: Path) -> list[str]:
    """Play every scene of a file, each as if nothing had been before it; return the file as it went."""
    intro, scenes = read_file(path)
    went, taken = [*intro], set[Turning]()
    seed(session)
    session.flush()
    with watched(taken):
        for scene in scenes:
            with taken_back(session):
                went += [*Player().play(session, scene), ""]
    _taken[path] = taken
    return without_second_looks(went[:-1])


def without_second_looks(lines: list[str]) -> list[str]:
    """Leave out that a person sees a text of which something came: how sure the reader was is for its own tests."""
    before = ["", *lines]
    return [line for line, last in zip(lines, before, strict=False) if line != "= person" or last[:1] not in set("<*=")]


def taken_by(session: Session, files: list[Path]) -> set[Turning]:
    """Return the turnings that these files take, played now if they were not before."""
    for path in files:
        if path not in _taken:
            play(session, path)
    return set[Turning]().union(*(_taken[path] for path in files))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_conversations_of_a_file_go_as_they_are_written(session: Session, path: Path) -> None:
    went = play(session, path)
    if os.environ.get("REWRITE"):
        path.write_text("\n".join(went) + "\n", encoding="utf-8")
    assert went == without_second_looks(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("flow", sorted(shipped_flows()))
def test_every_turning_of_a_flow_has_a_transcript_in_both_languages(session: Session, flow: str) -> None:
    flows, turnings = left_out()
    if flow in flows:
        pytest.skip("not_covered.txt leaves it out")
    wanted = all_turnings(shipped_flows()[flow].flow)
    its_own = [path for path in FILES if path.stem.startswith(flow)]
    missed = wanted - taken_by(session, its_own)
    if missed != wanted.intersection(turnings):
        missed = wanted - taken_by(session, FILES)
    unsaid = sorted(" ".join(each) for each in missed - turnings.keys())
    taken_all_the_same = sorted(" ".join(each) for each in wanted.intersection(turnings) - missed)
    # Named one below the other: whoever writes scenes works them off.
    assert not unsaid, "\n".join(["no scene takes", *unsaid])
    assert not taken_all_the_same, "\n".join(["not_covered.txt leaves out what a scene takes", *taken_all_the_same])


def test_only_flows_that_there_are_are_left_out() -> None:
    flows, turnings = left_out()
    shipped = {name: all_turnings(file.flow) for name, file in shipped_flows().items()}
    assert flows <= shipped.keys()
    assert turnings.keys() <= set[Turning]().union(*shipped.values())
