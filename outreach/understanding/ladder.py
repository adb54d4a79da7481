import re
import unicodedata
from datetime import datetime

from outreach.understanding.reading import Intent, Menu, Reading

OPT_OUT_WORDS = frozenset(
    """stop|stop all|stopall|unsubscribe|unsub|cancel|end|quit|revoke|opt out|optout|remove me|alto|parar|pare|para
    |basta|baja|cancelar|detener""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
YES_WORDS = frozenset({"yes", "y", "yeah", "yep", "si", "ok", "okay", "sure", "claro"})
NO_WORDS = frozenset({"no", "n", "nope", "nah"})


def plain(text: str) -> str:
    """Fold case, accents and punctuation away, so that words compare."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9 ]+", " ", kept).split())


def read(text: str, *, context: str = "any", menu: Menu = (), now: datetime) -> Reading:
    """Say what a reply means in the light of what we last asked.

    ``context`` is one of ``Context``; ``menu`` the numbered choices last sent; ``now`` an aware time in the chapter's
    zone. Never raises for any text.
    """
    del now
    words = plain(text)
    if words in OPT_OUT_WORDS or (context == "optq" and words in YES_WORDS):
        return Reading(Intent.STOP, "consent: asks us to stop", 1.0, opt_out=True, suppress="all")
    if words in {option.key for option in menu}:
        return Reading(Intent.CHOICE, "answer: picks from the menu", 0.95, choice=words)
    if words in YES_WORDS:
        return Reading(Intent.YES, "answer: says yes", 0.9)
    if words in NO_WORDS:
        return Reading(Intent.NO, "answer: says no", 0.9)
    return Reading(Intent.OTHER, "not understood: a person should look", 0.1, human_review=True)
