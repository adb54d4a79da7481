"""Which kind of sensitive text one is: that decides who is called, and whether any machine may answer at all."""

import re
from enum import StrEnum

from outreach.understanding.normalise import fold

_WORDS = re.compile(r"[^\w']+")


class Kind(StrEnum):
    """What a sensitive text is about. Words for organizers; `other` is whatever a person must see first."""

    ABUSE = "abuse"
    HARASSMENT = "harassment"
    CRISIS = "crisis"
    IMMIGRATION = "immigration"
    EVICTION = "eviction"
    ARREST = "arrest"
    OTHER = "other"
    UNDER_18 = "under_18"
    DECEASED = "deceased"


_HOME = (
    r"husband|boyfriend|bf|wife|girlfriend|gf|partner|my ex|fiance|stepdad|baby daddy|my dad|my father|roommate|"
    r"marido|esposo|pareja|novio|novia|mi ex|padrastro"
)
_PARTNER = rf"{_HOME}|he|she|el"
_HURTS = (
    r"hits?|hit|hitting|beats?|beating|chok\w+|strangl\w+|punch\w*|slap\w*|abus\w+|threatened me|hurts? me|stalk\w*|"
    r"looks? for me|gets? mad|violent[oa]?|knife|found me|pega|pego|golpe\w*|amenaza|amenazo|maltrata\w*|grita|acosa"
)
_CONTROLS = (
    r"(?:wont|won't|doesnt|doesn't|not) let me|no me deja|reads? (?:my|everything)|checks? my|my phone|"
    r"revisa|revise|cant know|can't know|took my (?:phone|keys)|put his hands|"
    r"no se entere"
)
_CHAPTER = (
    r"meetings?|mtgs?|comrades?|members?|organizers?|chapter|branch|committee|training|facilitators?|working group|"
    r"happy hour|social|volunteers?|leadership|event|dsa|group chat|"
    r"companer[oa]s?|comite|reunion\w*|junta|voluntari[oa]s?|capitulo|grupo|taller|organizador\w*"
)
_WRONGS = (
    r"harass\w*|grop\w*|touch\w*|grabb\w*|assault\w*|rap(?:ed|ist)|stalk\w*|follow(?:ed|ing)|creep\w*|predator|slurs?|"
    r"racis[tm]\w*|sexist|homophobic|transphobic|misgender\w*|bull(?:y|ied|ying)|inappropriate\w*|dming|pics|"
    r"unsafe|feel safe|safe coming|hit(?:ting)? on|kiss\w*|corner\w*|leave me alone|grievance|report a|ride alone|threaten\w*|"
    r"acos\w*|toc[oa]\w*|manose\w*|fotos|sigue|siguio|insult\w*|amenaz\w*|denunciar|queja"
)
# A workplace is not the chapter.
_WORK = r"boss|manager|supervisor|foreman|coworkers?|company|hr|warehouse|shift|patron|jefe|mayordomo|trabajo"


def _near(one: str, other: str, apart: int = 60) -> str:
    """Make the pattern for one of each, in either order, not far from one another."""
    return rf"\b(?:{one})\b.{{0,{apart}}}\b(?:{other})\b|\b(?:{other})\b.{{0,{apart}}}\b(?:{one})\b"


# Where a text is of several kinds, the first of these counts.
_PHRASES = {
    Kind.CRISIS: (
        r"kill(?:ing)? myself|suicid\w*|want to die|wanna die|end my life|ending it|end it|be alive|being alive|"
        r"be here anymore|being here anymore|unalive|self harm|cutting (?:myself|again)|hurt myself|overdos\w*|pills|"
        r"better off (?:dead|without me)|keep going|go on\b|didn'?t wake up|dont wake up|cant do this anymore|"
        r"5150|hopeless|so alone|pointless|cant stop crying|panic|relapse\w*|detox|in crisis|\b911\b|"
        r"quiero (?:morir|morirme|matarme|desaparecer)|no quiero vivir|quitarme la vida|suicid|seguir viviendo|"
        r"caso a (?:vivir|seguir)|sentido a la vida|no aguanto|depresion|no puedo mas|muy sol[oa]"
    ),
    Kind.ABUSE: (
        _near(_PARTNER, _HURTS, 40)
        + "|"
        + _near(_PARTNER, _CONTROLS, 40)
        + r"|restraining order|domestic violence|\bdv\b|orden de restriccion|violencia domestica|"
        r"left him|safe at home|shelter with the kids|"
        r"don'?t (?:mention|text me here|use my real name)|no me (?:escriban?|hablen) (?:aqui|a este)"
    ),
    Kind.IMMIGRATION: (
        r"\b(?:ice|la migra|migra|immigration|inmigracion|deport\w*|redadas?|raids?|border patrol|cbp|uscis|asylum|"
        r"asilo|daca|adelanto|detention|my papers|sin papeles|undocumented|home depot|no plates)\b"
    ),
    Kind.EVICTION: (
        r"\b(?:evict\w*|landlord|land lord|unlawful detainer|ellis act\w*|notice to (?:vacate|quit)|\d+ day notice|lockout|"
        r"locking us out|locked out|changed the locks|sheriff|foreclos\w*|homeless|couch surfing|nowhere to (?:go|stay|live)|"
        r"(?:in|living in|sleeping in) (?:the|my) car|on the street|rent|out by the|lost (?:my|our) (?:home|house|apartment)|"
        r"desaloj\w*|casero|duen[oa] nos|la renta|en la calle|del apartamento|del edificio|durmiendo en la troca|"
        r"shut off (?:the|our) (?:water|power|heat)|cutting off our|cort(?:o|aron) (?:el|la) (?:agua|luz)|kick out)\b"
    ),
    Kind.ARREST: (
        r"\b(?:arrest\w*|jail|cops?|police|lapd|officers?|fbi|warrant|subpoena\w*|felony|court|bail|"
        r"picked up|custody|detenid[oa]|detuvo|detuvieron|arrestaron|policia|carcel|corte|fianza|agarraron|se llevaron)\b"
    ),
}
_PATTERNS = {kind: re.compile(phrases) for kind, phrases in _PHRASES.items()}
_AT_HOME = re.compile(_near(_HOME, _HURTS, 40))
_CHAPTER_WRONG = re.compile(_near(_CHAPTER, _WRONGS, 80))
_AT_WORK = re.compile(rf"\b(?:{_WORK})\b")
_COMPLAINT = re.compile(r"assaulted my friend|who do i report|file a grievance")


def kind_of(text: str) -> Kind:
    """Give the kind of a text that is known to be sensitive.

    >>> kind_of("someone at the last meeting harassed me"), kind_of("mi pareja me pega")
    (<Kind.HARASSMENT: 'harassment'>, <Kind.ABUSE: 'abuse'>)

    Where a machine must be silent comes first: who holds the phone is not known.
    """
    plain = _WORDS.sub(" ", fold(text)).strip()
    if _AT_HOME.search(plain):
        return Kind.ABUSE
    if _COMPLAINT.search(plain) or (_CHAPTER_WRONG.search(plain) and not _AT_WORK.search(plain)):
        return Kind.HARASSMENT
    found = [kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)]
    if Kind.ABUSE in found and not _AT_WORK.search(plain):
        return Kind.ABUSE
    return next((kind for kind in found if kind is not Kind.ABUSE), Kind.OTHER)
