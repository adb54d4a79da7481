from outreach.understanding import artefact
from outreach.understanding.normalise import Text


def language_of(text: Text) -> str | None:
    """Guess what language a text is in: "en", "es", "mix" of both, "other", or None where nothing tells."""
    if text.has_other_script:
        return "other"
    lists = artefact.load().lists
    english = sum(map(lists["english"].__contains__, text.words))
    spanish = sum(map(lists["spanish"].__contains__, text.words))
    if not english and not spanish:
        return None
    if min(english, spanish) >= 2 and min(english, spanish) * 3 >= max(english, spanish):
        return "mix"
    return "es" if spanish > english else "en"
