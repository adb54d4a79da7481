"""Flow files: YAML 1.2 on disk, read with their line numbers so that each complaint names its place."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    TagToken,
)

from outreach.conversations.flow import Flow
from outreach.conversations.flow_checks import check_flow, check_together
from outreach.conversations.flow_form import read_flow
from outreach.conversations.flow_reading import OUTCOME, Complaint, FlowError
from outreach.errors import OutreachError

SHIPPED = Path(__file__).parent.parent.parent / "flows"
LARGEST_FILE = 200_000
DEEPEST = 20
OPENING = (BlockMappingStartToken, BlockSequenceStartToken, FlowMappingStartToken, FlowSequenceStartToken)
CLOSING = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow that was read and found good: its plain definition, its checksum, the flow itself, and where it stands."""

    flow: Flow
    definition: dict[str, Any]
    checksum: str
    path: Path
    document: object = field(repr=False, compare=False)

    def line(self, complaint: Complaint) -> str:
        """Return a complaint as it is printed: `FILE:LINE: complaint. Mend`."""
        return _line(self.path, self.document, complaint)


class FlowFileError(OutreachError):
    """Carry one line for each complaint: `FILE:LINE: complaint. Mend`."""

    exit_status = 2

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def flow_paths(extra: Path | None = None) -> dict[str, Path]:
    """Return the file of each flow by name: the shipped ones, those of FLOWS_DIR in place of or beside them."""
    folders = [SHIPPED] + ([extra] if extra else [])
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def load_flows(extra: Path | None = None) -> dict[str, FlowFile]:
    """Read every flow file. Raises FlowFileError with every complaint of all files."""
    good, lines = good_flows(extra)
    if lines:
        raise FlowFileError(lines)
    return good


def good_flows(extra: Path | None = None) -> tuple[dict[str, FlowFile], list[str]]:
    """Read every flow file; return the good ones, and the complaints about the others."""
    good, lines = dict[str, FlowFile](), _misnamed(extra)
    for name, path in flow_paths(extra).items():
        try:
            good[name] = load_flow(path)
        except FlowFileError as error:
            lines += error.lines
    if not lines:
        together = list(check_together([file.flow for file in good.values()]))
        lines = [good[name].line(each) for name, each in together]
        good = {name: file for name, file in good.items() if name not in {name for name, _ in together}}
    return good, lines


def _misnamed(extra: Path | None) -> list[str]:
    """Complain of files that would be passed over, or taken for another: a flow's name is its file's."""
    lines = list[str]()
    for path in sorted(extra.iterdir()) if extra and extra.is_dir() else ():
        if path.suffix.casefold() == ".yml":
            twin = path.with_suffix(".yaml")
            what = (
                f"{twin.name} bears the same name"
                if twin.exists()
                else "a flow's file ends with .yaml: it is passed over"
            )
            lines.append(f"{path}:1: {what}. {'Take one of them away' if twin.exists() else f'Call it {twin.name}'}")
    return lines


@cache
def shipped_flows(extra: Path | None = None) -> dict[str, FlowFile]:
    """Read every flow file once for this process."""
    return load_flows(extra)


def load_flow(path: Path) -> FlowFile:
    """Read one flow file. Raises FlowFileError with every complaint about it."""
    if not OUTCOME.fullmatch(path.stem):
        raise FlowFileError(
            [f"{path}:1: “{path.stem}” is no flow's name. Call the file in small letters: no_show.yaml"]
        )
    document = _parse(path)
    definition = _plain(document)
    try:
        flow = read_flow(path.stem, definition)
    except FlowError as error:
        raise FlowFileError([_line(path, document, each) for each in error.complaints]) from None
    complaints = check_flow(flow)
    if complaints:
        raise FlowFileError([_line(path, document, each) for each in complaints])
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False)
    return FlowFile(flow, definition, hashlib.sha256(canonical.encode()).hexdigest(), path, document)


def _parse(path: Path) -> object:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FlowFileError(
                [f"{path}:1: the file is larger than {LARGEST_FILE} bytes. Split it into several flows"]
            )
        source = path.read_text(encoding="utf-8")
    except OSError:
        raise FlowFileError([f"{path}:1: the file cannot be read. Check that it is there and yours to read"]) from None
    except UnicodeDecodeError:
        raise FlowFileError([f"{path}:1: the file is not UTF-8. Save it as UTF-8"]) from None
    try:
        _refuse_what_expands(path, source)
        return YAML(typ="rt").load(io.StringIO(source))
    except MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        problem = " ".join(str(error.problem or "this is not YAML").replace("'\\t'", "a tab").split())
        raise FlowFileError(
            [f"{path}:{line}: {problem}. Mend the YAML here: spaces, no tabs; quotes around texts"]
        ) from None
    except ReaderError as error:
        line = source[: error.position].count("\n") + 1
        raise FlowFileError([f"{path}:{line}: the file holds a control character. Take it out"]) from None
    except YAMLError:
        raise FlowFileError([f"{path}:1: this is not YAML. Compare it with flows/invite.yaml"]) from None


def _refuse_what_expands(path: Path, source: str) -> None:
    """Refuse anchors, tags and deep nesting: a short file could keep us busy for minutes, and nobody reads it aloud."""
    depth = 0
    for token in YAML(typ="rt").scan(io.StringIO(source)):
        line = token.start_mark.line + 1
        if isinstance(token, AnchorToken | AliasToken | TagToken):
            kind = "tags" if isinstance(token, TagToken) else "anchors"
            raise FlowFileError([f"{path}:{line}: {kind} are not used in flow files. Write the words out"])
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if depth > DEEPEST:
            raise FlowFileError(
                [f"{path}:{line}: lists in lists are nested too deeply. Compare it with flows/invite.yaml"]
            )


def _plain(value: object) -> Any:  # noqa: ANN401 - YAML holds any plain value
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    # What YAML takes for a date or a broken number was written as a word.
    return value if value is None or isinstance(value, bool | int) else str(value)


def _line(path: Path, document: object, complaint: Complaint) -> str:
    return f"{path}:{_line_of(document, complaint.path)}: {complaint.what}. {complaint.mend}"


def _line_of(document: object, path: Sequence[str | int]) -> int:
    line, node = 1, document
    for key in path:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(key)[0] + 1
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(key)[0] + 1
            node = node[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return line
    return line
