"""Every example of flows/README.md is a good flow, or part of one, and hears what the tables say."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from outreach.conversations.answers import answers_of
from outreach.conversations.flow import AskKind
from outreach.conversations.flow_checks import check_flow
from outreach.conversations.flow_files import SHIPPED
from outreach.conversations.flow_form import read_flow
from outreach.conversations.questions import QUESTIONS
from outreach.conversations.signals import Replied
from outreach.conversations.vocabulary import ACT_FORMS, ANCHORS, ASK_KINDS, FACTS, FLOW_KEYS
from outreach.conversations.wording import PLACEHOLDERS
from outreach.understanding import Context, MenuOption, read
from tests.conversations.factories import NOW

README = (SHIPPED / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
HEARD = re.findall(r"^\| `([a-z ]+)` \| ([^|`]+) \| `(\w+)` \|$", README, re.MULTILINE)
MENU = [MenuOption("1", "Sat Dec 12 10am Boyle Heights"), MenuOption("2", "Wed Dec 16 6:30pm Zoom")]
NEXT = {"next": {"say": {"en": "Thank you. {org}, STOP", "es": "Gracias. {org}, ALTO"}, "end": "done"}}


def example(source: str) -> dict[str, Any]:
    """Return an example as a whole flow: a part of its top, or of its steps, is put into one."""
    part: dict[str, Any] = YAML(typ="safe", pure=True).load(source)
    if "steps" in part:
        return part
    whole = {"title": "Example", "expires": "14 days", "purpose": "answer", "start": "next", "steps": NEXT}
    if part.keys() <= set(FLOW_KEYS):
        return {**whole, **part}
    return {**whole, "start": next(iter(part)), "steps": {**part, **NEXT}}


@pytest.mark.parametrize("source", EXAMPLES)
def test_every_example_is_good(source: str) -> None:
    assert check_flow(read_flow("example", example(source))) == []


def answers(kind: str, words: str) -> Iterator[str]:
    context, menu = QUESTIONS.get(cast("AskKind", kind), (Context.ANY, ()))
    if kind == "choice of sessions":
        context, menu = Context.INVITE_MENU, tuple(MENU)
    reply = Replied(read(words, context=context, menu=list(menu), now=NOW), words)
    return (answer.kind for answer in answers_of(cast("AskKind", kind), reply, (11, 12), (11, 12)))


@pytest.mark.parametrize(("kind", "words", "answer"), HEARD)
def test_what_is_heard_is_as_the_table_says(kind: str, words: str, answer: str) -> None:
    assert next(answers(kind, words)) == answer


def test_every_word_of_the_language_is_explained() -> None:
    assert len(HEARD) >= len(ASK_KINDS)
    words = (*FLOW_KEYS, *ASK_KINDS, *ACT_FORMS, *FACTS, *ANCHORS, *(f"{{{name}}}" for name in PLACEHOLDERS))
    assert [word for word in words if f"`{word}`" not in README] == ["invitation"]
