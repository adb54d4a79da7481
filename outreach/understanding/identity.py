import re

from outreach.understanding import artefact
from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.normalise import fold
from outreach.understanding.phrases import rule_of
from outreach.understanding.reading import Intent

_PERSONAL = re.compile(r" (?:ex|mom|mother|mama|wife|husband|esposa|esposo|his|her|hija|hijo|son|daughter) ")
_PRONOUNS = {
    "they them": "they/them", "she her": "she/her", "he him": "he/him", "she they": "she/they", "he they": "he/they",
    "they she": "they/she", "they he": "they/he", "ze zir": "ze/zir", "elle": "elle", "ella": "ella",
}  # fmt: skip
_NAME = re.compile(
    r"(?:call me|my name is(?: now| actually| really)?|name is now|name,?|i go by|go by|goes by|use|dime|digan?me|ll[aá]m[ae]n?me|me llamo|me dicen|nombre(?: correcto)? es|"
    r"ll[aá]menme|d[ií]ganme|it'?s|prefer|known as)[\s:,]+(?:me\s+)?[\"'“]?([A-ZÁÉÍÓÚÑ][a-záéíóúñ]{1,20})",
)
_LANGUAGES = {
    "spanish": "es", "espanol": "es", "castellano": "es", "english": "en", "ingles": "en", "korean": "ko", "coreano": "ko",
    "chinese": "zh", "mandarin": "zh", "cantonese": "zh", "tagalog": "tl", "armenian": "hy", "vietnamese": "vi",
    "farsi": "fa", "russian": "ru", "french": "fr", "japanese": "ja", "arabic": "ar", "portuguese": "pt",
}  # fmt: skip


def deceased(evidence: Evidence) -> Verdict | None:
    """Hear that someone has died, and hand over at once."""
    absent = evidence.answer.word == "no" and evidence.answer.firm
    if not evidence.has("deceased") or absent:
        return None
    return Verdict(Intent.DECEASED, rule_of("deceased"), 0.9, suppress="hold", human_review=True)


_NOT_THIS_NAME = re.compile(
    r"(?:^|[.!,?]\s*|\b(?:sorry|but|hi|hey|hello|um|nope|no)\b,?\s*)(?:(?:[Tt]his|[Tt]hat) (?:is not|isn.?t|ain.?t|aint)|(?:I am|I.?m|[Ii]m|i.?m|i am) not|[Nn]ot|[Aa]in.?t no|"
    r"(?:[Tt]here.?s |[Tt]here is )?[Nn]o|[Yy]?o? ?[Nn]o soy|[Ee]ste no es|[Ee]sta no es|[Aa]qu[ií] no (?:es|vive|hay)|(?:my|mi|My|Mi) (?:name is|name.?s|nombre es) \w+,? (?:not|no)|(?:I am|I.?m|[Ii]m|[Ss]oy) \w+,? (?:not|no)) "
    r"(?:la |el |an? |any )?([A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,})\b"
)


_DENYING = ("no", "No", "ain", "Ain", "isn")
"""What stands in whatever ``_NOT_THIS_NAME`` matches: looking for it is quicker."""


def denies_name(evidence: Evidence) -> bool:
    """Tell whether someone says that they are not the person we named: "not Patricia"."""
    if not any(map(evidence.text.original.__contains__, _DENYING)):
        return False
    match = _NOT_THIS_NAME.search(evidence.text.original)
    return (
        match is not None and fold(match[1]) not in artefact.load().vocabulary and not evidence.has("name_fact_strong")
    )


def wrong_number(evidence: Evidence) -> Verdict | None:
    """Hear that the number is not the member's; someone who is curious all the same is for a person."""
    if not evidence.has("wrong_number") and not denies_name(evidence):
        return None
    curious = evidence.asks and bool(evidence.topics) and not {"privacy", "bot"} & set(evidence.topics)
    suppress = "hold" if curious else "number"
    personal = bool(_PERSONAL.search(evidence.text.plain))
    return Verdict(Intent.WRONG_NUMBER, rule_of("wrong_number"), 0.9, suppress, human_review=curious or personal)


def moved(evidence: Evidence) -> Verdict | None:
    """Hear that someone has moved away; nothing more is sent until a person decided."""
    if not evidence.has("moved"):
        return None
    return Verdict(Intent.MOVED, rule_of("moved"), 0.85, suppress="hold", human_review=True)


def who(evidence: Evidence) -> Verdict | None:
    """Hear the question who we are, and whether we are a machine."""
    if not evidence.has("who"):
        return None
    return Verdict(Intent.WHO, rule_of("who"), 0.9)


def facts_of(evidence: Evidence) -> dict[str, object]:
    """Give what a text tells about its writer: name, pronouns, language, age, a wish to be deleted."""
    facts: dict[str, object] = {}
    plain = evidence.text.plain
    if evidence.has("pronouns"):
        said = next((given for words, given in _PRONOUNS.items() if f" {words} " in plain), None)
        if said is not None and "pronouns" not in facts:
            facts["pronouns"] = said
    if evidence.has("name_fact") and (name := _NAME.search(evidence.text.original)):
        facts["preferred_name"] = name[1]
    if evidence.has("language") and (code := language_asked(evidence)):
        facts["language"] = code
    if evidence.has("under_18"):
        facts["under_18"] = True
    if evidence.has("delete_data"):
        facts["delete_request"] = True
    return facts


def language_asked(evidence: Evidence) -> str | None:
    """Give the language someone asks for; who says that they have no English wants Spanish."""
    named = [code for word, code in _LANGUAGES.items() if word in evidence.text.words]
    if not named:
        return None
    if re.search(r" (?:no|not|dont|cant|poco|casi) (?:\w+ ){0,3}(?:english|ingles) ", evidence.text.plain):
        return next((code for code in named if code != "en"), "es")
    return named[0]
