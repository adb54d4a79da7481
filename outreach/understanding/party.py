import re

from outreach.understanding.needs import count
from outreach.understanding.normalise import Text

_PERSON = (
    r"(?:friends?|people|guests?|others?|comrades?|coworkers?|neighbors?|roommates?|kids?|more|personas|amig[oa]s?|"
    r"companer[oa]s?|teenagers?|vecin[oa]s?|hij[oa]s?|children|cousins?|sisters?|brothers?|prim[oa]s?)"
)
_ONE = (
    r"(?:partner|wife|husband|girlfriend|boyfriend|friend|roommate|mom|mother|dad|father|sister|brother|son|daughter|"
    r"neighbor|coworker|comrade|spouse|cousin|fiance|kid|esposa|esposo|hermana|hermano|mama|papa|novia|novio|hija|hijo|"
    r"amiga|amigo|prima|primo|vecina|vecino|pareja|viejo|vieja|senora|marido|comadre|compadre|suegra|suegro|nuera|yerno|cunada|cunado|tia|tio|aunt|uncle|bestie|"
    r"bf|gf|companera|companero|abuela|grandma|buddy|niece|nephew|sobrina|sobrino)"
)
_N = r"(\d{1,2}|one|two|three|four|five|six|dos|tres|cuatro|cinco|seis|un|una|a|another|couple)"
_SUMS = (
    re.compile(rf" (?:bringing|bring|with|llevo|traigo|llevare|con|invite|voy con|vamos con|and|plus|y|take|taking) (?:my |a |mis |other |otr[oa]s )?{_N} (?:of |more |other |mas |my |teenage |otr[oa]s )?(?:\w+ )?{_PERSON} "),
    re.compile(r" plus (\d|one|two|three) "),
)  # fmt: skip
_TOTALS = (
    re.compile(r" (?:party of|table for|just the|seats for|spots for|room for|somos|seremos|vamos a ir|vamos a ser|vamos|iremos|iriamos|for all|all|for|us) (\d{1,2}|two|three|four|five|six|dos|tres|cuatro|cinco)(?: of us| de nosotros| personas| people|(?: of)? lugares| seats)? [.,!>]"),
    re.compile(r"(?<! a)(?<! de)(?<! hasta)(?<! tipo)(?<! como) (?:the|los|las) (two|three|four|five|six|dos|tres|cuatro|cinco)(?: of us| de nosotros) "),
    re.compile(r" (\d{1,2}|two|three|four|five|six|dos|tres|cuatro|cinco) (?:of us|de nosotros|lugares|seats|spots|asientos|people total|in total|personas|total) "),
    re.compile(r" (?:will be|there will be|be|seremos|somos|vamos a ser|vamos) (\d|two|three|four|five|six|dos|tres|cuatro|cinco) "),
    re.compile(r" (?:down for|reserve|save me|apartame|apuntame|anotame|apartenme) (\d|one|two|three|four|un|una|dos|tres|cuatro) (?:seat|seats|spot|spots|lugar|lugares|asiento|asientos|people|personas)? ?[.,!>]?"),
)  # fmt: skip
_ALONE = re.compile(
    r" (?:just me|only me|me only|by myself|coming alone|its just me|solo yo|nomas yo|yo sol[oa]|voy sol[oa]|solo voy yo|nomas voy yo|nada mas yo|voy yo nomas|solita|solito|solo ire yo|remove my plus \d|remove my plus one) "
)
_PAIR = re.compile(
    rf" (?:me and (?:my|mi|a)|my (?:\w+ )?{_ONE} and (?:i|me)|mi {_ONE} y yo|yo y (?:mi|una?) {_ONE}|(?:we|us) both|both of us|well both|we will both|we are both|los dos vamos|"
    rf"vamos los dos|the two of us|nosotros dos|(?:with|bringing|bring|con|llevo a|llevare a|traigo a|traere a|ire con|voy con|vamos a ir|and|y|plus) (?:my|mi|a|an|un|una) (?:\w+ )?{_ONE}|"
    rf"(?:she|he|they) (?:will|would|d|ll) (?:come|be coming) (?:with|too|along)) "
)


_MINE = rf"(?:my|mi|a|an|un|una|su|mis) (?:\w+ )?{_ONE}"
_TRIO = re.compile(rf" {_MINE} (?:and|y|e|plus|,) {_MINE} ")
_COMES_TOO = re.compile(
    rf" (?:(?:also|too|tambien|plus|and) {_MINE}|{_MINE} (?:va|viene|ira|va a ir|comes|is coming|will come|wants to come|quiere ir) (?:conmigo|con migo|with me|too|tambien|along)) "
)
_TALKS_WITH = re.compile(
    r" (?:check|talk|ask|ver|hablar|consultar|checar|platicar|preguntar|run it by|confirm) (?:it |lo )?(?:with|con|a) "
)
"""Whom somebody asks first does not come along."""
_FOR_CHILDREN = re.compile(r" (?:childcare|cuidado|sitter|guarderia) (?:for|de|para) \S+")
_QUESTION = re.compile(r"(?<=[.!?;<])[^.!?;<]*\?")
_COUNTING = frozenset(
    [
        *map(str, range(1, 100)), "one", "two", "three", "four", "five", "six", "dos", "tres", "cuatro", "cinco", "seis", "couple",
        "just", "only", "myself", "alone", "solo", "sola", "solito", "solita", "nomas", "yo", "mas", "remove", "my", "mi", "mis",
        "a", "an", "un", "una", "su", "another", "both", "she", "he", "they", "los", "nosotros",
    ]
)  # fmt: skip
"""Words one of which stands in whatever says how many come."""


def party_size(text: Text, *, asked: bool = False) -> int | None:
    """Give how many will come, the writer counted, where the text says; ``asked``: whether they may is a question."""
    if _COUNTING.isdisjoint(text.words):
        return None
    plain = _FOR_CHILDREN.sub(" ", text.plain)
    if asked and text.asks:
        plain = _QUESTION.sub(" ", plain)
    if _ALONE.search(plain):
        return 1
    for totals in _TOTALS:
        if match := totals.search(plain):
            return count(match[1]) or None
    if _TALKS_WITH.search(plain):
        return None
    for sums in _SUMS:
        if match := sums.search(plain):
            return count(match[1]) + 1 if count(match[1]) else None
    if _TRIO.search(plain):
        return 3
    return 2 if _PAIR.search(plain) or _COMES_TOO.search(plain) else None
