import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from outreach.understanding.artefact import PATH
from outreach.understanding.pattern import Phrases, Sets, fold
from outreach.understanding.phrases import SHORTEST_STEM

FOLDER = Path(__file__).with_name("lexicon")
_LITERAL = re.compile(r"[^\W\d_]+\*?")


def lexicon_files() -> dict[str, Any]:
    """Read the YAML files of the lexicon, by file name without ending."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - 0.5 s that only compiling needs

    yaml = YAML(typ="safe", pure=True)
    return {path.stem: yaml.load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


def entries(files: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give every phrase of the lexicon as (label, phrase, example)."""
    for content in files.values():
        for label, group in content.get("phrases", {}).items():
            for language in ("en", "es"):
                for phrase, example in (group.get(language) or {}).items():
                    yield label, str(phrase), str(example)


def all_classes(files: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the word classes of all files; raise ValueError when two files name one alike."""
    classes: dict[str, list[str]] = {}
    for name, content in files.items():
        for label, words in content.get("classes", {}).items():
            if label in classes:
                raise ValueError(f"lexicon/{name}.yaml: class {label} is already taken. Name it otherwise.")
            classes[label] = [str(word) for word in words]
    return classes


def literals(source: str) -> set[str]:
    """Give the plain words that stand in a phrase."""
    found = _LITERAL.findall(re.sub(r"\{[^}]*\}|\[[^]]*\]", " ", fold(source)))
    return {word for word in found if not word.endswith("*")} - {"NUM", "QM"}


class Index:
    """Where phrases are looked up: for a word, or a stem that words begin with, their numbers and what they need besides.

    What is needed are numbers of ``sets``, words of each of which one must be in the text.
    """

    def __init__(self) -> None:
        self.sets: dict[str, int] = {}
        self.by_word: dict[str, list[list[int]]] = defaultdict(list)
        self.by_stem: dict[str, list[list[int]]] = defaultdict(list)

    def add(self, number: int, ways: Mapping[str, Sets]) -> None:
        """Add a phrase; raise ValueError for a stem that is too short."""
        for word, besides in sorted(ways.items()):
            row = [number, *(self._number_of(words) for words in besides)]
            if not word.endswith("*"):
                self.by_word[word].append(row)
            elif len(word) > SHORTEST_STEM:
                self.by_stem[word[:-1]].append(row)
            else:
                raise ValueError(f"lexicon: stem {word} is too short. Write its words out.")

    def _number_of(self, words: frozenset[str]) -> int:
        return self.sets.setdefault(" ".join(sorted(words)), len(self.sets))


def kin_of(files: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Give the kinds of each word of lexicon/kin.yaml, and of each stem."""
    whole: dict[str, list[str]] = defaultdict(list)
    stems: dict[str, list[str]] = defaultdict(list)
    for kind, words in files["kin"]["kin"].items():
        for word in sorted(set(str(words).split())):
            (stems if word.endswith("*") else whole)[word.removesuffix("*")].append(str(kind))
    return whole, stems


def compiled() -> dict[str, Any]:
    """Compile the YAML lexicon into the values of the artefact; raise ValueError naming a phrase that is wrong."""
    files = lexicon_files()
    phrases = Phrases(classes := all_classes(files))
    rows: list[list[Any]] = []
    index = Index()
    words = {word for sources in classes.values() for source in sources for word in literals(source)}
    for label, phrase, _ in entries(files):
        for piece in phrases.alternatives(fold(phrase)):
            if not piece.ways:
                raise ValueError(f"lexicon: {label}: {phrase!r} holds no word that must be there. Add one.")
            index.add(len(rows), piece.ways)
            rows.append([label, piece.regex])
        words |= literals(phrase)
    spelling = files["spelling"]
    rewrites = {str(a): str(b) for a, b in spelling["rewrites"].items()}
    words |= {word for value in rewrites.values() for word in value.split()} | set(rewrites)
    lists = {name: content["lists"][name] for content in files.values() for name in content.get("lists", {})}
    words |= {str(word) for values in lists.values() for word in values}
    known = words | set(spelling["known"].split()) | set(spelling["fuzzy"].split())
    kin, kin_stems = kin_of(files)
    return {
        "phrases": rows,
        "sets": list(index.sets),
        "by_word": index.by_word,
        "by_stem": index.by_stem,
        "rules": {
            label: group["rule"] for content in files.values() for label, group in content.get("phrases", {}).items()
        },
        "rewrites": rewrites,
        "vocabulary": sorted(known),
        "fuzzy": sorted(set(spelling["fuzzy"].split())),
        "spelled_out": spelling["spelled_out"].split(),
        "split_words": spelling["split_words"].split(),
        "kin": kin,
        "kin_stems": kin_stems,
        "lists": {name: {str(k): str(v) for k, v in values.items()} for name, values in lists.items()},
    }


def artefact_text() -> str:
    """Give the artefact as it must stand in lexicon.json."""
    return json.dumps(compiled(), ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    PATH.write_text(artefact_text(), encoding="utf-8")
