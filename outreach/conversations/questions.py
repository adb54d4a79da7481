"""In what light a reply is to be read: the kind of question that is open, and its numbered menu. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from outreach.conversations.facts import Facts
from outreach.conversations.flow import AskKind, Step
from outreach.understanding import Context, Intent, MenuOption, Reading
from outreach.understanding.second import GUESSED

# In what light replies to a question are read, and the menu that stands in its text.
QUESTIONS: dict[AskKind, tuple[Context, tuple[MenuOption, ...]]] = {
    "yes or no": (Context.INVITE_MENU, (MenuOption("1", "yes"), MenuOption("2", "no"))),
    "coming": (
        Context.REMINDER,
        (MenuOption("1", "coming"), MenuOption("2", "can't"), MenuOption("3", "another date")),
    ),
    "needs": (Context.ANY, (MenuOption("0", "nothing"),)),
    "rating": (Context.FEEDBACK, ()),
    "availability": (Context.AVAILABILITY, ()),
    "free text": (Context.AVAILABILITY, ()),
}
# A guess at something grave from which it is heeded, though we asked for a story.
HEEDED = 0.75
GRAVE = frozenset({Intent.SENSITIVE, Intent.HOSTILE})
YES_AND_NO = frozenset({"yes", "no"})


def ask_of(step: Step) -> AskKind | None:
    """Return as what kind of question a step hears a reply; a wait that knows yes and no knows their digits too."""
    if step.kind == "wait":
        return "yes or no" if step.on.keys() >= YES_AND_NO else "free text"
    return step.ask


def asks_for_story(step: Step | None) -> bool:
    """Tell whether whatever they write is kept and answered by a named person of ours."""
    return step is not None and "other" in step.on and (step.ask == "free text" or step.kind == "wait")


def taken_as_story(reading: Reading, step: Step | None) -> Reading:
    """Return what a reply means where a story was asked for: a mere guess at something grave is the story itself.

    What a rule hears as grave is heeded whatever was asked, and so is a guess that is likely enough.
    """
    guessed = reading.intent in GRAVE and reading.rule.startswith(GUESSED) and not reading.opt_out
    if not guessed or reading.confidence >= HEEDED or not asks_for_story(step):
        return reading
    also = tuple(each for each in reading.also if each not in GRAVE)
    return replace(reading, intent=Intent.OTHER, also=also, suppress="none")


def question_of(step: Step | None, memory: Mapping[str, Any], facts: Facts) -> tuple[Context, list[MenuOption]]:
    """Return the light and the menu of a step's question; of no question in particular where it asks nothing."""
    if step is not None and step.kind == "wait" and ask_of(step) == "yes or no":
        # Whoever answers late answers with the digits of the question before.
        return Context.ANY, list(QUESTIONS["yes or no"][1])
    if step is None or step.ask is None:
        return Context.ANY, []
    if step.ask == "choice of sessions":
        return _menu_question(memory, facts)
    if step.ask == "choice":
        labels = (option[facts.language] for option in step.options.values())
        return Context.ANY, [MenuOption(str(place), label) for place, label in enumerate(labels, 1)]
    context, menu = QUESTIONS.get(step.ask, (Context.ANY, ()))
    alike = {step.on.get(kind) for kind in ("other", "availability", "question")}
    if step.ask == "free text" and "other" in step.on and len(alike) == 1:
        # Whatever they write, a question too, is kept as it stands: nothing is to be made a day or an hour of.
        context = Context.FEEDBACK
    return context, list(menu)


def _menu_question(memory: Mapping[str, Any], facts: Facts) -> tuple[Context, list[MenuOption]]:
    by_id = {session.id: session for session in facts.sessions}
    options = [
        MenuOption(str(place), f"{by_id[one].label} {by_id[one].place}".strip(), by_id[one].starts_at)
        for place, one in enumerate(memory.get("menu", ()), 1)
        if one in by_id
    ]
    if len(options) == 1:
        # Not “not this time”: a reply that holds a word of the label would choose it.
        return Context.INVITE, [*options, MenuOption("2", "no")]
    return Context.INVITE_MENU, options
