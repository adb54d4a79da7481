"""The house's own texts, which belong to no flow: confirmations, help, a stranger's first answer."""

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from outreach.conversations.flow import Wording
from outreach.conversations.wording import fill
from outreach.settings import Settings

FILE = Path(__file__).parent / "house_texts.yaml"


@cache
def _texts() -> dict[str, Wording]:
    return {name: dict(wording) for name, wording in YAML(typ="safe", pure=True).load(FILE).items()}


def house_wording(name: str) -> Wording:
    """Return one of the house's texts in its languages, unfilled."""
    return _texts()[name]


def house_text(name: str, language: str, settings: Settings, **values: str) -> str:
    """Return one of the house's texts in a language, filled with the chapter's name and contact."""
    common = {"org": settings.org_name, "contact": settings.org_contact}
    return fill(_texts()[name][language], {**common, **values})
