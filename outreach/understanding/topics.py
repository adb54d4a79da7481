from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from outreach.understanding import artefact
from outreach.understanding.answers import Spans
from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found

TOPICS = (
    "where", "when", "parking", "transit", "duration", "childcare", "guest", "remote", "cost", "food", "access",
    "language", "membership", "dues", "agenda", "advanced", "status", "late", "recording", "privacy", "bot", "about",
    "safety", "immigration", "transfer",
)  # fmt: skip
AT_RISK = frozenset({"safety", "immigration"})
"""Topics that no machine answers alone: somebody may come to harm by the answer."""
_BROAD = frozenset({"agenda", "where", "when"})
"""Topics whose phrases are so common that single words beside them may tell more."""
MOST_GUESSED = 2
SURE = 4
"""Weight from which words tell beside a phrase, or without a sign of a question: two words in a row, or four."""
_LEADS = frozenset(
    [
        "y", "oye", "oiga", "pero", "hola", "hi", "hey", "so", "and", "but", "yes", "yeah", "si", "ok", "ah", "eh", "wait",
        "lo", "me", "se", "just", "also", "cool", "no", ",", ".", "then", "entonces", "buenas", "disculpe", "perdon",
    ]
)  # fmt: skip
"""What a question without its mark may open with before the word that asks."""
_ASKING = frozenset(
    [
        "is", "are", "do", "does", "did", "can", "could", "will", "would", "should", "what", "whats", "when", "where",
        "wheres", "who", "whos", "why", "which", "how", "hows", "any", "anyone", "anything", "may", "was", "has", "bus",
        "send", "tell", "que", "cual", "cuales", "cuando", "donde", "adonde", "como", "cuanto", "cuanta", "quien", "hay",
        "habra", "va", "van", "es", "son", "puedo", "pueden", "puede", "podria", "tienen", "tiene", "piden", "cobran",
        "dan", "eres", "sera", "saben", "sabe", "dura", "baja", "mandeme", "mande", "manda", "mandame", "pasa", "paseme",
        "pasame", "dime", "digame", "dan", "vale", "necesito", "bring", "tengo", "if", "ya", "con", "para", "en", "los",
        "las", "ustedes", "usted", "confirming", "remind", "recuerdame", "confirmeme",
    ]
)  # fmt: skip


def is_question(text: Text, found: Mapping[str, list[Found]]) -> bool:
    """Tell whether a text asks something, with or without a question mark."""
    return text.asks or bool(found.get("question_form"))


def read_topics(text: Text, found: Mapping[str, list[Found]], spans: Spans) -> tuple[str, ...]:
    """Give what a text asks about, in the order of ``TOPICS``; nothing when it asks nothing.

    A few words that name a topic alone ("parking") are a question too. Where no phrase of a topic is found in what is
    asked, single words decide.
    """
    bare = len(text.words) <= 3
    opens = not spans and _opens_as_question(text)
    if not (bare or spans or opens):
        return ()
    asked = {
        label.removeprefix("topic_")
        for label, matches in found.items()
        if label.startswith("topic_") and any(bare or opens or _asked(match, spans) for match in matches)
    }
    if spans and asked <= _BROAD:
        asked |= _by_words(" ".join(text.plain[start:end] for start, end in spans)) or _by_words(text.plain)
    elif spans or (opens and not asked):
        asked |= _by_words(text.plain, at_least=SURE)
    return tuple(topic for topic in TOPICS if topic in asked)


def _asked(match: Found, spans: Spans) -> bool:
    return any(match.start < end and start < match.end for start, end in spans)


def _opens_as_question(text: Text) -> bool:
    """Tell whether a text begins as questions do, behind words that merely lead to it."""
    opening = next((token for token in text.tokens if token not in _LEADS), "")
    return opening in _ASKING


def _by_words(asked: str, *, at_least: int = 1) -> set[str]:
    """Give the topics that most words of what is asked speak of; a longer entry tells more than a short one."""
    told: Counter[str] = Counter()
    for size, topics in _entries(asked.split()):
        for topic in topics:
            told[topic] += size * size
    best = max(told.values(), default=0)
    if best < at_least:
        return set()
    return {topic for topic, weight in told.most_common(MOST_GUESSED) if weight == best}


@cache
def _sizes() -> Mapping[str, Sequence[int]]:
    """Give how many words the entries have that begin with a word, most first."""
    sizes: dict[str, set[int]] = {}
    for entry in artefact.load().lists["topic_words"]:
        first, *others = entry.split()
        sizes.setdefault(first, set()).add(1 + len(others))
    return {first: sorted(found, reverse=True) for first, found in sizes.items()}


def _entries(words: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    known, sizes, place = artefact.load().lists["topic_words"], _sizes(), 0
    while place < len(words):
        for size in sizes.get(words[place], ()):
            topics = known.get(" ".join(words[place : place + size])) if place + size <= len(words) else None
            if topics:
                yield size, topics.split()
                place += size
                break
        else:
            place += 1
