"""What makes a well-formed flow a good one: every step is reached, every question ends, every text is a good one."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from outreach.conversations.flow import End, Flow, Step, targets_of
from outreach.conversations.flow_reading import Complaint, Path, nearest
from outreach.conversations.keywords import HELP_WORDS, START_WORDS, STOP_WORDS
from outreach.conversations.text_checks import check_texts

# Words that Twilio, the law or our own texts have given a meaning to.
CLAIMED = (
    STOP_WORDS
    | START_WORDS
    | HELP_WORDS
    | {"ayuda", "yes", "no", "si", "sí", "alto", "parar", "pare", "basta", "baja", "cancelar", "detener", "remove"}
    | {"later", "luego", "delete", "borrar", "pass", "paso"}
)


def check_flow(flow: Flow) -> list[Complaint]:
    """Return what is wrong with a flow whose form is right."""
    unanswered = list(_unanswered(flow))
    return [
        *(unanswered or _unreachable(flow)),
        *_loops_without_wait(flow),
        *check_texts(flow),
        *_silence_after_the_end(flow),
        *_goals(flow),
        *_claimed_keywords(flow),
    ]


def check_together(flows: Sequence[Flow]) -> Iterator[tuple[str, Complaint]]:
    """Yield what is wrong with flows beside each other, with the flow's name: keywords, and what flow leads to what."""
    names, owners = [flow.name for flow in flows], dict[str, str]()
    for flow in flows:
        for path, word in _keywords(flow):
            owner = owners.setdefault(word, flow.name)
            if owner != flow.name:
                what = f"{word.upper()} starts “{owner}” already"
                yield flow.name, Complaint(path, what, "Take another word")
        for step in flow.steps.values():
            led_to = str(step.given.get("flow", flow.name))
            if led_to not in names:
                path = ("steps", step.name, "with", "flow")
                yield flow.name, Complaint(path, f"there is no flow “{led_to}”", nearest(led_to, names))


def _keywords(flow: Flow) -> Iterator[tuple[Path, str]]:
    if flow.keywords is not None:
        for language, words in flow.keywords.words.items():
            yield from ((("keywords", language, place), word) for place, word in enumerate(words))


def _claimed_keywords(flow: Flow) -> Iterator[Complaint]:
    for path, word in _keywords(flow):
        if word in CLAIMED:
            yield Complaint(path, f"{word.upper()} means something else already", "Take another word")


def _next_steps(flow: Flow, step: Step) -> list[Step]:
    return [flow.steps[target] for target in targets_of(step) if not isinstance(target, End) and target in flow.steps]


def _unreachable(flow: Flow) -> Iterator[Complaint]:
    reached, to_visit = set[str](), [flow.start]
    while to_visit:
        name = to_visit.pop()
        if name not in reached:
            reached.add(name)
            to_visit += [step.name for step in _next_steps(flow, flow.steps[name])]
    for name in flow.steps:
        if name not in reached:
            yield Complaint(
                ("steps", name), f"no step leads to “{name}”", "Lead to it from another step, or take it out"
            )


def _loops_without_wait(flow: Flow) -> Iterator[Complaint]:
    known = set[str]()
    for step in flow.steps.values():
        if step.name not in known and step.name in _passed_through(flow, step):
            known |= _passed_through(flow, step)
            yield Complaint(
                ("steps", step.name), f"“{step.name}” comes back to itself without waiting", "Put a question in between"
            )


def _passed_through(flow: Flow, start: Step) -> set[str]:
    """Return every step that a conversation may come to from this one without waiting."""
    seen, to_visit = set[str](), _passed_on_to(flow, start)
    while to_visit:
        step = to_visit.pop()
        if step.name not in seen:
            seen.add(step.name)
            to_visit += _passed_on_to(flow, step)
    return seen


def _passed_on_to(flow: Flow, step: Step) -> list[Step]:
    """Return where a step leads without waiting: a question about needs is passed when one was named before."""
    if step.kind == "wait":
        return []
    if step.kind != "ask":
        return _next_steps(flow, step)
    after = step.on.get("need") if step.ask == "needs" else None
    return [flow.steps[after]] if isinstance(after, str) and after in flow.steps else []


def _silence_after_the_end(flow: Flow) -> Iterator[Complaint]:
    for step in flow.steps.values():
        waited = timedelta(0)
        for place, rung in enumerate(step.silence):
            waited += rung.moment.offset if rung.moment.anchor is None else timedelta(0)
            if waited >= flow.expires:
                path: Path = ("steps", step.name, "silence", place, "after")
                what = "the whole conversation expires before this rung of silence is due"
                yield Complaint(path, what, "Shorten “after:”, or lengthen “expires:”")
                break


def _unanswered(flow: Flow) -> Iterator[Complaint]:
    for step in flow.steps.values():
        if step.kind == "ask" and not step.on:
            what = f"no answer to “{step.name}” leads anywhere"
            yield Complaint(("steps", step.name), what, "Add “on: {ANSWER: STEP}”")


def _goals(flow: Flow) -> Iterator[Complaint]:
    for place, goal in enumerate(flow.goal):
        if goal not in flow.outcomes:
            yield Complaint(("goal", place), f"no step ends with “{goal}”", nearest(goal, sorted(flow.outcomes)))
