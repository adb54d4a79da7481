"""What a flow's texts take from their campaign in words: which are wanted, and whether they read well there. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from outreach.conversations.flow import LANGUAGES, Flow, Wording
from outreach.conversations.flow_reading import Complaint
from outreach.conversations.text_checks import check_texts, wordings_of
from outreach.conversations.vocabulary import WORDS
from outreach.conversations.wording import placeholders_in

# What the checker of flows counts with.
LONGEST = 32
LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}


class Wish(NamedTuple):
    """Words that a campaign is to give: for which placeholder, and in which language."""

    name: str
    language: str

    @property
    def field(self) -> str:
        """Return the name of the form's field for them."""
        return f"words_{self.name}_{self.language}"

    @property
    def label(self) -> str:
        """Return what the form calls them."""
        words = self.name.replace("_", " ")
        return f"{words[0].upper()}{words[1:]}, in {LANGUAGE_NAMES[self.language]}"


class Fault(NamedTuple):
    """What is wrong with words that a campaign gives: a sentence, and the mend."""

    wish: Wish
    what: str
    mend: str


def wished_words(needs: Mapping[str, str]) -> list[Wish]:
    """Return what a campaign is to give in words to a flow with these needs, in the order of its file."""
    return [Wish(name, language) for name, kind in needs.items() if kind == WORDS for language in LANGUAGES]


def missing_words(flow: Flow, words: Mapping[str, Wording]) -> list[Wish]:
    """Return what the texts of a flow speak of and nobody has written."""
    return [wish for wish in wished_words(flow.needs) if not words.get(wish.name, {}).get(wish.language, "").strip()]


def faults_of(flow: Flow, words: Mapping[str, Wording]) -> Iterator[Fault]:
    """Yield what is wrong with the words that are there: each by itself, then within the texts that hold it."""
    given = [wish for wish in wished_words(flow.needs) if words.get(wish.name, {}).get(wish.language)]
    faults = [fault for wish in given if (fault := _fault_of(wish, words[wish.name][wish.language]))]
    yield from faults
    if not faults:
        complaints = list(check_texts(flow, words))
        for wish in given:
            yield from (Fault(wish, each.what, each.mend) for each in complaints if _concerns(flow, wish, each))


def _fault_of(wish: Wish, words: str) -> Fault | None:
    if not words.isprintable():
        return Fault(wish, "it holds a line break or a control character", "Write it on one line")
    return Fault(wish, f"it is {len(words)} characters long", f"Keep it to {LONGEST}") if len(words) > LONGEST else None


def _concerns(flow: Flow, wish: Wish, complaint: Complaint) -> bool:
    """Tell whether a complaint is about a text that holds these words."""
    return any(
        complaint.path == (*path, wish.language) and wish.name in placeholders_in(wording[wish.language])
        for _, path, wording in wordings_of(flow)
    )
