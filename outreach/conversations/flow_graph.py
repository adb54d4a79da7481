"""Drawing a flow as SVG: its steps from top to bottom, what leads where, and who stands where now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from outreach.conversations.flow import PERSON, End, Flow, Step, Target

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 190, 58, 34, 86, 30
LONGEST_LABEL = 26
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c1c1c } .small { font-size: 11px; fill: #555 }
.count { font-weight: bold; fill: #b30000 } .edge { fill: none; stroke: #777 } .label { font-size: 10px; fill: #444 }
rect { fill: #fff; stroke: #444 } .ask { fill: #eef5ff } .do { fill: #fff6e5 } .branch { fill: #f3f3f3 }
.wait { fill: #f6f0ff } .end { fill: #eefaee } .person { fill: #fdeeee }
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A step, an end or the person, and where it is drawn."""

    key: str
    title: str
    detail: str
    kind: str
    x: int
    y: int
    count: int


def draw(flow: Flow, standing: Mapping[str, int], ended: Mapping[str, int]) -> str:
    """Return a flow as an SVG document; `standing` and `ended` count people by step and by outcome."""
    nodes = {node.key: node for node in _place(flow, standing, ended)}
    width = max(node.x for node in nodes.values()) + WIDTH + MARGIN
    height = max(node.y for node in nodes.values()) + HEIGHT + MARGIN
    edges = [_edge(nodes[start], nodes[to], label) for (start, to), label in _edges(flow).items()]
    boxes = [_box(node) for node in nodes.values()]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f"<title>{escape(flow.title)}</title><style>{STYLE}</style>",
        ('<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#777"/></marker></defs>'),
        *edges,
        *boxes,
        "</svg>\n",
    ])  # fmt: skip


def _ways(step: Step) -> Iterator[tuple[str, Target]]:
    """Yield every way out of a step with its name."""
    yield from step.on.items()
    for case in step.cases:
        yield ", ".join(f"{fact}: {value}" for fact, value in case.when.items()) or "else", case.then
    if step.then is not None:
        yield "", step.then
    if step.unclear is not None:
        yield "unclear", step.unclear.then
    for rung in step.silence:
        if rung.then is not None:
            yield "silence", rung.then


def _key(target: Target) -> str:
    return f"end {target.outcome}" if isinstance(target, End) else target


def _edges(flow: Flow) -> dict[tuple[str, str], str]:
    """Return what leads where, with all the ways from one to the other in one label."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in flow.steps.values():
        for name, target in _ways(step):
            found.setdefault((step.name, _key(target)), []).append(name)
    return {pair: ", ".join(dict.fromkeys(filter(None, names))) for pair, names in found.items()}


def _layers(flow: Flow) -> list[list[str]]:
    """Return every node by its distance from the start, what ends a conversation below what leads there."""
    edges, layers, seen = _edges(flow), [[flow.start]], {flow.start}
    while layers[-1]:
        beneath = dict.fromkeys(to for start, to in edges if start in layers[-1] and to not in seen)
        seen |= beneath.keys()
        layers.append(list(beneath))
    return layers[:-1]


def _place(flow: Flow, standing: Mapping[str, int], ended: Mapping[str, int]) -> Iterator[Node]:
    layers = _layers(flow)
    widest = max(map(len, layers))
    for row, keys in enumerate(layers):
        indent = (widest - len(keys)) * (WIDTH + GAP_X) // 2
        for column, key in enumerate(keys):
            x, y = MARGIN + indent + column * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y)
            yield _node(flow, key, x, y, standing, ended)


def _node(  # noqa: PLR0913, PLR0917 - one node has these parts
    flow: Flow, key: str, x: int, y: int, standing: Mapping[str, int], ended: Mapping[str, int]
) -> Node:
    if key == PERSON:
        return Node(key, "a person", "answers; it waits", "person", x, y, 0)
    if key.startswith("end "):
        outcome = key.removeprefix("end ")
        detail = "the goal" if outcome in flow.goal else "end"
        return Node(key, outcome, detail, "end", x, y, ended.get(outcome, 0))
    step = flow.steps[key]
    detail = {"ask": step.ask, "do": step.do}.get(step.kind) or step.kind
    return Node(key, key, detail, step.kind, x, y, standing.get(key, 0))


def _box(node: Node) -> str:
    middle = node.x + WIDTH // 2
    count = f'<text class="count" x="{node.x + WIDTH - 8}" y="{node.y + 16}" text-anchor="end">{node.count}</text>'
    radius = HEIGHT // 2 if node.kind in {"end", "person"} else 6
    return (
        f'<rect class="{node.kind}" x="{node.x}" y="{node.y}" width="{WIDTH}" height="{HEIGHT}" rx="{radius}"/>'
        f'<text x="{middle}" y="{node.y + 27}" text-anchor="middle">{escape(node.title)}</text>'
        f'<text class="small" x="{middle}" y="{node.y + 45}" text-anchor="middle">{escape(node.detail)}</text>'
        f"{count if node.count else ''}"
    )


def _edge(start: Node, to: Node, label: str) -> str:
    x1, y1, x2, y2 = start.x + WIDTH // 2, start.y + HEIGHT, to.x + WIDTH // 2, to.y
    bend = (y2 - y1) // 2
    if y2 <= y1:  # back up, or beside: round the right-hand side
        x1, y1, x2, y2 = start.x + WIDTH, start.y + HEIGHT // 2, to.x + WIDTH, to.y + HEIGHT // 2
        path = f"M{x1} {y1}C{x1 + 60} {y1} {x2 + 60} {y2} {x2} {y2}"
        at = (max(x1, x2) + 44, (y1 + y2) // 2)
    else:
        path = f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
        at = (x1 + (x2 - x1) // 3, y1 + (y2 - y1) // 3)
    short = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
    words = f'<text class="label" x="{at[0]}" y="{at[1]}">{escape(short)}<title>{escape(label)}</title></text>'
    return f'<path class="edge" d="{path}" marker-end="url(#tip)"/>{words if label else ""}'
