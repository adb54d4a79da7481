"""What a reply gives: an option, a rating, a name, a ZIP code, an e-mail address, a language, consent. Pure."""

import re
from collections.abc import Iterator, Sequence

from outreach.conversations.flow import LANGUAGES
from outreach.conversations.signals import Replied
from outreach.understanding import Intent

DIGIT = re.compile(r"\s*\(?([1-9])(?:[.)]|\s*$)")
RATING = re.compile(r"\D*\b([1-5])(?:\s*(?:/|of|out of|de)\s*5)?\b\D*", re.IGNORECASE)
ZIP = re.compile(r"(?<!\d)(\d{5})(?:-\d{4})?(?!\d)")
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
AGREES = re.compile(r"\s*1\b[\s.,:;-]*")
NAMING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hola|yes|s[ií]|ok)\W+)?"
    r"(?:my name is|my name's|name is|i am|i['\u2019]m|im|it['\u2019]s|this is|me llamo|mi nombre es|soy|me dicen)?"
    r"\b\s*",
    re.IGNORECASE,
)
NAME = re.compile(r"[^\W\d_](?:[\w'\u2019.\- ]{0,38}[^\W\d_.])?\.?")
# A name that comes with something else: “yes, I'm Ana”.
NAMED = re.compile(
    r".*?\b(?:my name is|my name's|i am|i['\u2019]m|this is|me llamo|mi nombre es|soy)\s+(?P<name>[^,.!?]+)\W*",
    re.IGNORECASE,
)
WORDS_OF_A_NAME = 4
# A reply that means one of these gives no name, however much it looks like one.
NO_NAME = frozenset(
    {Intent.NO, Intent.MAYBE, Intent.QUESTION, Intent.WHO, Intent.CALLBACK, Intent.NEED, Intent.THANKS, Intent.HOSTILE,
     Intent.LANGUAGE, Intent.SNOOZE}
)  # fmt: skip
SPOKEN = {"english": "en", "inglés": "en", "ingles": "en", "español": "es", "espanol": "es", "spanish": "es"}


def option(reply: Replied, options: Sequence[str]) -> Iterator[str]:
    """Yield the option that a reply names by its number, or by its label as the reader found it."""
    match = DIGIT.match(reply.words)
    key = reply.reading.choice or (match[1] if match else "")
    if key.isdecimal() and 0 < int(key) <= len(options):
        yield options[int(key) - 1]


def rating(reply: Replied) -> int | None:
    """Return the mark from 1 to 5 that a reply gives."""
    if reply.reading.rating is not None:
        return reply.reading.rating if 1 <= reply.reading.rating <= 5 else None
    match = RATING.fullmatch(reply.words)
    return int(match[1]) if match else None


def name(reply: Replied) -> str:
    """Return the name that a reply to “what is your name?” gives; empty when it is none."""
    told = reply.reading.facts.get("preferred_name")
    if told:
        return str(told)
    return "" if reply.reading.intent in NO_NAME else _name_in(reply.words)


def _name_in(words: str) -> str:
    said = NAMING.sub("", words.strip()).strip(" ,.!:;-")
    if not NAME.fullmatch(said) or len(said.split()) > WORDS_OF_A_NAME:
        return ""
    return said.title() if said.islower() else said


def zip_code(reply: Replied) -> str:
    """Return the ZIP code of five digits in a reply; empty when there is none, or more than one."""
    found = set(ZIP.findall(reply.words))
    return found.pop() if len(found) == 1 else ""


def email(reply: Replied) -> str:
    """Return the e-mail address in a reply; empty when there is none."""
    match = EMAIL.search(reply.words)
    return match[0] if match else ""


def language(reply: Replied) -> str:
    """Return which of our languages a reply asks for: by name, or by its place in “1 = English 2 = español”."""
    told = reply.reading.facts.get("language")
    if told in LANGUAGES:
        return str(told)
    word = reply.words.strip(" .!¡").casefold()
    match = DIGIT.match(reply.words)
    places = dict(enumerate(LANGUAGES, 1))
    return SPOKEN.get(word, "") or (places.get(int(match[1]), "") if match else "")


def agreed(reply: Replied) -> str | None:
    """Return the name that came with an agreement, empty without one; None for whoever does not agree.

    Consent is a 1 or a firm yes of their own: nothing else will do.
    """
    match = AGREES.match(reply.words)
    if match:
        return _name_in(reply.words[match.end() :])
    if reply.reading.intent is not Intent.YES:
        return None
    named = NAMED.fullmatch(reply.words)
    # “I'm in” is no name; written small it is asked for.
    came_along = _name_in(named["name"]) if named and named["name"][0].isupper() else ""
    return str(reply.reading.facts.get("preferred_name") or "") or came_along
