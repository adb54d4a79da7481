"""Transcripts as they stand in files: scenes, and the ways that each goes on (README.md tells how they are written)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent
FILES = sorted(path for path in FOLDER.glob("*.txt") if path.stem != "not_covered")
SCENE, WAY = "## ", "- "


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript: its number, its mark and its words."""

    number: int
    mark: str
    words: str


@dataclass(slots=True)
class Part:
    """A title and the lines below it: a scene's beginning, or one way that it goes on from there."""

    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """One transcript: how it begins, and the ways it goes on, each as if the others were not."""

    beginning: Part
    ways: list[Part] = field(default_factory=list)


def read_file(path: Path) -> tuple[list[str], list[Scene]]:
    """Return what stands above the first scene of a file, and its scenes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith(SCENE))
    return lines[:first], list(_scenes_of(lines))


def _scenes_of(lines: list[str]) -> Iterator[Scene]:
    scene: Scene | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith(SCENE):
            if scene is not None:
                yield scene
            scene = Scene(Part(line.removeprefix(SCENE)))
        elif scene is not None and line.startswith(WAY):
            scene.ways.append(Part(line.removeprefix(WAY)))
        elif scene is not None and line.strip():
            part = scene.ways[-1] if scene.ways else scene.beginning
            part.lines.append(Line(number, line[0], line[1:].removeprefix(" ")))
    if scene is not None:
        yield scene
