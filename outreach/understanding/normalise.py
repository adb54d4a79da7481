import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

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
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[.,!?;:/\-#+@&%\n]")
_SPELLED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]+){2,11}[^\W\d_](?![^\W_])")
_TRIPLED = re.compile(r"([^\W\d_])\1{2,}")
_BREAKS = frozenset(".,!?;:\n")
_UNSPOKEN = frozenset("-/")
"""Signs that phrases do not know."""
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
    if "not" not in text and "n t" not in text:
        return text
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


@dataclass(frozen=True, slots=True)
class Text:
    """A reply made comparable: its tokens in order, and ``plain``, the string that phrases are sought in.

    ``plain`` is `` < word word . word > ``: every token after one space, ``<`` and ``>`` for the ends, breaks as
    ``. , ! ? ; :``; ``bare`` the words alone, a space between each. The original stays in ``original``. ``asks`` tells
    that there is a question mark.
    """

    original: str
    tokens: tuple[str, ...]
    words: tuple[str, ...]
    plain: str
    bare: str
    emoji: tuple[str, ...]
    has_other_script: bool
    asks: bool


@lru_cache(maxsize=20_000)
def as_written(token: str) -> tuple[str, ...]:
    """Give what a token of a folded text is for us: words as we spell them, a number, a break, ``-`` or ``/``."""
    if token in _BREAKS:
        return ("." if token == "\n" else token,)
    if token in _SIGN_WORDS:
        return (_SIGN_WORDS[token],)
    return spelled(token) if token.isalpha() else (token,)


def tokenise(folded: str) -> tuple[str, ...]:
    """Give the tokens of a folded text."""
    return tuple(chain.from_iterable(map(as_written, _TOKEN.findall(folded))))


def join_halves(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Join "ye s" and "sto p" when the whole text is one such word in pieces."""
    joined = "".join(tokens)
    return (joined,) if 1 < len(tokens) <= 4 and joined in artefact.load().split_words else tokens


def plain_words(folded: str) -> str:
    """Write contractions, spelled-out words, day letters and "p.m." the one way that we look for.

    What few texts hold is looked for plainly before it is looked for by a regular expression.
    """
    text = _ZERO_FOR_O.sub("o", folded) if "0" in folded else folded
    text = _STOP_TO_END.sub("stop", text) if "stop" in text else text
    text = expand_day_letters(expand_contractions(join_spelled_words(text)))
    if "a." not in text and "p." not in text and not _DIGIT.search(text):
        return text
    return _AM_PM.sub(lambda match: f" {match[2] or match[4] or match[6]}m", text)


def normalise(text: str) -> Text:
    """Make a text comparable; never raises."""
    folded = fold(text[:LONGEST_READ])
    emoji = () if folded.isascii() else tuple(MEANING_OF_EMOJI[ord(s)] for s in folded if ord(s) in MEANING_OF_EMOJI)
    tokens = join_halves(tokenise(plain_words(folded)))
    words = tuple([token for token in tokens if token[0].isalnum()])
    plain = f" < {' '.join([token for token in tokens if token not in _UNSPOKEN])} > "
    bare = " ".join(words)
    return Text(text, tokens, words, plain, bare, emoji, not bare.isascii(), "?" in tokens)
