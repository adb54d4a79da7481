import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

COMMON = frozenset(
    [
        "i",
        "you",
        "me",
        "my",
        "we",
        "us",
        "to",
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "for",
        "it",
        "is",
        "are",
        "am",
        "do",
        "be",
        "no",
        "not",
        "dont",
        "cant",
        "and",
        "or",
        "but",
        "so",
        "this",
        "that",
        "can",
        "will",
        "have",
        "if",
        "any",
        "your",
        "with",
        "que",
        "de",
        "la",
        "el",
        "los",
        "las",
        "no",
        "me",
        "yo",
        "a",
        "y",
        "en",
        "un",
        "una",
        "por",
        "para",
        "si",
        "es",
        "ya",
        "lo",
        "mi",
        "te",
        "se",
        "su",
        "al",
        "del",
        "con",
    ]
)
"""Words too frequent to look a phrase up by."""

_SPECIALS = {
    "..": "(?: [^ <>.,!?;:]+){0,2}",
    "...": "(?: [^ <>.,!?;:]+){0,5}",
    "....": "(?: [^ <>.!?;]+){0,12}",
    ".....": "(?: [^<> ]+){0,8}",
    "/": " [<>.,!?;:]",
    ".": " [.]",
    ",": " ,",
    "!": " !",
    "<": " <",
    ">": " >",
    "QM": " [?]",
    "NUM": " [0-9]+",
}


def fold(source: str) -> str:
    """Give the phrase without accents, as texts are when phrases are sought in them."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", source) if not unicodedata.combining(letter))


Sets = tuple[frozenset[str], ...]
"""Sets of whole words, of each of which one is needed."""


@dataclass(frozen=True)
class Piece:
    """A part of a phrase as a regular expression, with the words one of which any match of it must hold.

    ``ways`` gives for each such word, a trigger, what a match by it holds besides. A trigger that ends in ``*`` stands
    for every word that begins so. No triggers: nothing is sure to be there.
    """

    regex: str
    ways: Mapping[str, Sets] = field(default_factory=dict)

    @property
    def triggers(self) -> frozenset[str]:
        """Give the words one of which any match holds."""
        return frozenset(self.ways)

    @property
    def besides(self) -> Sets:
        """Give what any match holds beside a trigger, whichever that is."""
        return either(self.ways.values())

    @property
    def cost(self) -> int:
        """Give how often a text will hold one of the triggers, roughly; without triggers, always."""
        return sum(200 if word in COMMON else 1 for word in self.ways) if self.ways else 10**6


def either(needed: Iterable[Sets]) -> Sets:
    """Give what is needed at least where one of these is needed whole."""
    return tuple(frozenset[str]().union(*sets) for sets in zip(*needed, strict=False))


def split_at(source: str, sign: str) -> list[str]:
    """Split at a sign that stands outside all brackets."""
    parts, depth, part = [], 0, ""
    for letter in source:
        depth += (letter in "({") - (letter in ")}")
        if letter == sign and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [*parts, part]


def elements(source: str) -> list[str]:
    """Split a phrase into its elements: words, and bracketed groups with their sign of repetition."""
    spaced, depth = "", 0
    for place, letter in enumerate(source):
        if letter in "({" and depth == 0:
            spaced += " "
        depth += (letter in "({") - (letter in ")}")
        spaced += letter
        if (letter in ")}" and depth == 0 and source[place + 1 : place + 2] not in {"?", "*", "+"}) or (
            letter in "?*+" and depth == 0 and source[place - 1 : place] in {")", "}"}
        ):
            spaced += " "
    return [element for element in split_at(spaced, " ") if element]


def any_of(pieces: Sequence[Piece]) -> Piece:
    """Give the piece that matches what any of these match."""
    regex = f"(?:{'|'.join(dict.fromkeys(piece.regex for piece in pieces))})"
    if not all(piece.ways for piece in pieces):
        return Piece(regex)
    words = dict.fromkeys(word for piece in pieces for word in piece.ways)
    return Piece(regex, {word: either(piece.ways[word] for piece in pieces if word in piece.ways) for word in words})


def one_after_another(pieces: Sequence[Piece]) -> Piece:
    """Give the piece that matches these in order; its triggers are those of the rarest."""
    if not pieces:
        return Piece("")
    rarest, *others = sorted(pieces, key=lambda piece: piece.cost)
    whole = [piece.triggers for piece in others if piece.ways and not any(word.endswith("*") for word in piece.ways)]
    needed = (*whole, *(words for piece in others for words in piece.besides))
    ways = {word: tuple(dict.fromkeys((*besides, *needed))) for word, besides in rarest.ways.items()}
    return Piece("".join(piece.regex for piece in pieces), ways)


class Phrases:
    """Compile phrases written in the small language of the lexicon; see docs/understanding.md."""

    def __init__(self, classes: Mapping[str, Sequence[str]]) -> None:
        self.classes = classes
        self._done: dict[str, Piece] = {}

    def compile(self, source: str) -> Piece:
        """Compile words in order: ``{class}``, ``(a b|c)``, ``(a)?``, ``(a)*``, ``stem*``, ``..``; raise KeyError."""
        return one_after_another([self._element(element) for element in elements(source)])

    def alternatives(self, source: str) -> list[Piece]:
        """Compile a phrase that is one group, ``(a b|c)``, as each of its alternatives; any other phrase as a whole."""
        if elements(source) == [source] and source.startswith("(") and source.endswith(")"):
            return [piece for each in split_at(source[1:-1], "|") for piece in self.alternatives(each.strip())]
        return [self.compile(source)]

    def _element(self, source: str) -> Piece:
        if source in _SPECIALS:
            return Piece(_SPECIALS[source])
        if source[0] not in "({":
            return self._word(source)
        sign = source[-1] if source[-1] in "?*+" else ""
        inner = self._bracketed(source.removesuffix(sign))
        if not sign:
            return inner
        return Piece(f"(?:{inner.regex}){sign}", inner.ways if sign == "+" else {})

    def _bracketed(self, source: str) -> Piece:
        if source.startswith("{"):
            return self._class(source[1:-1])
        return any_of([self.compile(alternative) for alternative in split_at(source[1:-1], "|")])

    def _class(self, name: str) -> Piece:
        if name not in self._done:
            self._done[name] = any_of([self.compile(fold(str(phrase))) for phrase in self.classes[name]])
        return self._done[name]

    @staticmethod
    def _word(source: str) -> Piece:
        if "[" in source:
            return Piece(f" {source}")
        if source.endswith("s?"):
            return Piece(f" {source}", dict.fromkeys((source[:-1], source[:-2]), ()))
        if source.endswith("*"):
            return Piece(f" {source[:-1]}[a-z]*", {source: ()})
        if not source.isalnum():
            raise ValueError(f"lexicon: {source!r} is not a word. Write letters or digits only.")
        return Piece(f" {source}", {source: ()})
