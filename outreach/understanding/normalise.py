import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from outreach.understanding import artefact

LONGEST_READ = 4000
"""Characters of a text that are read; Twilio hands on 1,600."""

EMOJI_MEANINGS = {
    "yes": "👍✅☑✔💯🙌✊🤝🫡👊🙋🤙👌",
    "no": "👎❌🙅🚫",
    "stop": "🛑",
    "thanks": "🙏❤💜🌹💕🫶👏",
    "maybe": "🤷🤔",
}
MEANING_OF_EMOJI = {ord(sign): meaning for meaning, signs in EMOJI_MEANINGS.items() for sign in signs}

_APOSTROPHES = str.maketrans(
    dict.fromkeys("’‘`´ʼ＇′", "'") | dict.fromkeys("“”«»„″", '"') | dict.fromkeys("–—−‐‑", "-")
)
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ENDINGS = re.compile(r"'(ll|ve|re|m|d)\b")
_ENDING_WORDS = {"ll": " will", "ve": " have", "re": " are", "m": " am", "d": " would"}
_NOT = re.compile(r"\b(do|does|did|can|could|will|would|should|is|are|was|were|have|has)(?: +not\b|not\b|n t\b)")
_NOT_WORDS = {"will": "wont", "can": "cant"}
_DAYS_BY_LETTER = {
    "m": "mon", "t": "tue", "tu": "tue", "w": "wed", "th": "thu", "r": "thu", "f": "fri", "sa": "sat", "su": "sun",
}  # fmt: skip
_DAY_LETTER = re.compile(r"\b(?:tu|th|sa|su|[mtwrf])\b")
_DAY_LETTERS = re.compile(
    r"\b(?:tu|th|sa|su|[mtwrf])(?: ?[/&,+-] ?(?:tu|th|sa|su|[mtwrf])){1,6}\b|\b(?:m w f|m w|t th|tu th|t r|w f)\b"
)
_ZERO_FOR_O = re.compile(r"(?<=[a-z])0(?=[a-z])")
_STOP_TO_END = re.compile(r"\bstop(?:2|to)(?:end|stop|quit)\b")
_AM_PM = re.compile(r"(?<=\d)( ?)([ap])(?:\. ?m\b\.?| ?m\b)|(?<=\d)()([ap])\b|(\b)([ap])\. ?m\b\.?")
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[.,!?;:/\-#+@&%\n]")
_SPELLED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]+){2,11}[^\W\d_](?![^\W_])")
_TRIPLED = re.compile(r"([^\W\d_])\1{2,}")
_BREAKS = frozenset(".,!?;:\n")
_SIGN_WORDS = {"#": "number", "+": "plus", "@": "at", "&": "and", "%": "percent"}


def fold(text: str) -> str:
    """Give the text without case, accents, curly quotes and signs that cannot be seen."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _INVISIBLE.sub("", text).casefold()


def join_spelled_words(text: str) -> str:
    """Join "s t o p" and "S.T.O.P" where the letters make a word that asks us to stop."""

    def joined(match: re.Match[str]) -> str:
        word = re.sub(r"[\W_]+", "", match[0])
        return word if word in artefact.load().spelled_out else match[0]

    return _SPELLED.sub(joined, text)


def expand_contractions(text: str) -> str:
    """Write "I'll" as "i will", "don't" and "do not" as "dont", and drop the other apostrophes."""
    if "'" in text:
        text = _ENDINGS.sub(lambda match: _ENDING_WORDS[match[1]], text).replace("'", "")
    return _NOT.sub(lambda match: _NOT_WORDS.get(match[1], f"{match[1]}nt"), text)


def expand_day_letters(text: str) -> str:
    """Write "M/W/F" as "mon / wed / fri": letters joined by signs that each name a day."""
    return _DAY_LETTERS.sub(lambda match: _DAY_LETTER.sub(lambda m: _DAYS_BY_LETTER[m[0]], match[0]), text)


def known_word(word: str) -> str:
    """Give the word of our vocabulary that was meant: doubled letters and slips of the thumb undone."""
    if word in artefact.load().vocabulary or not word.isalpha():
        return word
    if len(word) > 2:
        for shorter in (_TRIPLED.sub(r"\1\1", word), _TRIPLED.sub(r"\1", word)):
            if shorter in artefact.load().vocabulary:
                return shorter
        single = re.sub(r"(.)\1+", r"\1", word)
        if single in artefact.load().fuzzy or (_TRIPLED.search(word) and single in artefact.load().vocabulary):
            return single
    return artefact.nearest(word) or word


@lru_cache(maxsize=20_000)
def spelled(token: str) -> tuple[str, ...]:
    """Give the words a token stands for: "pls" is please, "idk" is i dont know."""
    rewrites = artefact.load().rewrites
    word = token if token in rewrites else known_word(token)
    rewritten = rewrites.get(word)
    return tuple(rewritten.split()) if rewritten is not None else (word,)


@dataclass(frozen=True)
class Text:
    """A reply made comparable: its tokens in order, and ``plain``, the string that phrases are sought in.

    ``plain`` is `` < word word . word > ``: every token after one space, ``<`` and ``>`` for the ends, breaks as
    ``. , ! ? ; :``. The original stays in ``original``.
    """

    original: str
    tokens: tuple[str, ...]
    emoji: tuple[str, ...] = ()
    has_other_script: bool = False
    words: tuple[str, ...] = field(default=())

    @cached_property
    def plain(self) -> str:
        """Give the string that phrases are sought in."""
        return f" < {' '.join(token for token in self.tokens if token not in '-/')} > "

    @cached_property
    def bare(self) -> str:
        """Give the words alone, a space between each."""
        return " ".join(self.words)

    @property
    def asks(self) -> bool:
        """Tell whether there is a question mark."""
        return "?" in self.tokens


def tokenise(folded: str) -> Iterator[str]:
    """Give the tokens of a folded text: words as we spell them, numbers, breaks, ``-`` and ``/``."""
    for match in _TOKEN.finditer(folded):
        token = match[0]
        if token in _BREAKS:
            yield "." if token == "\n" else token
        elif token in _SIGN_WORDS:
            yield _SIGN_WORDS[token]
        elif token.isalpha():
            yield from spelled(token)
        else:
            yield token


def join_halves(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Join "ye s" and "sto p" when the whole text is one such word in pieces."""
    joined = "".join(tokens)
    return (joined,) if 1 < len(tokens) <= 4 and joined in artefact.load().split_words else tokens


def plain_words(folded: str) -> str:
    """Write contractions, spelled-out words, day letters and "p.m." the one way that we look for."""
    folded = _STOP_TO_END.sub("stop", _ZERO_FOR_O.sub("o", folded))
    text = expand_day_letters(expand_contractions(join_spelled_words(folded)))
    return _AM_PM.sub(lambda match: f" {match[2] or match[4] or match[6]}m", text)


def normalise(text: str) -> Text:
    """Make a text comparable; never raises."""
    folded = fold(text[:LONGEST_READ])
    emoji = () if folded.isascii() else tuple(MEANING_OF_EMOJI[ord(s)] for s in folded if ord(s) in MEANING_OF_EMOJI)
    tokens = join_halves(tuple(tokenise(plain_words(folded))))
    words = tuple(token for token in tokens if token[0].isalnum())
    return Text(text, tokens, emoji, any(not word.isascii() for word in words), words)
