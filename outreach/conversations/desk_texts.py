"""The desk's texts: quick replies for people to send, and what a member is told of a need."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from outreach.conversations.flow import LANGUAGES
from outreach.conversations.wording import fill
from outreach.settings import Settings
from outreach.trainings.models import NeedState

FILE = Path(__file__).parent / "desk_texts.yaml"
OTHER_NEED = "other"
WORDING_OF = {NeedState.ARRANGED: "need_arranged", NeedState.CANNOT: "need_cannot"}


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A text that is often sent by hand: its name on the page and its words in one language."""

    name: str
    label: str
    language: str
    body: str


@cache
def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = YAML(typ="safe", pure=True).load(FILE)
    return texts


def quick_replies(language: str) -> list[QuickReply]:
    """Return all quick replies in both languages, those in the member's own first."""
    order = sorted(LANGUAGES, key=lambda one: one != language)
    return [
        QuickReply(f"{name}-{one}", entry["label"], one, entry[one])
        for one in order
        for name, entry in _texts()["quick_replies"].items()
    ]


def quick_reply(name: str) -> str:
    """Return the words of a quick reply by its name, such as `call-es`; empty when there is none."""
    return next((reply.body for reply in quick_replies(LANGUAGES[0]) if reply.name == name), "")


def need_text(kind: str, outcome: NeedState, session_label: str, language: str, settings: Settings) -> str:
    """Word what a member is told of a need: arranged, or cannot. Without a session it speaks of the next one."""
    texts = _texts()
    need = texts["needs"].get(kind, texts["needs"][OTHER_NEED])[language]
    label = session_label or texts["some_session"][language]
    values = {"session": label, "need": need, "org": settings.org_name}
    return fill(texts[WORDING_OF[outcome]][language], values)
