"""A text that asks us not to call: it holds for the number, in the ledger, as an opt-out from texts does."""

import re
from typing import TYPE_CHECKING

from outreach.conversations.opting_out import BY_TEXT
from outreach.conversations.tasks import drop_unwanted_calls
from outreach.people.consent import opt_out_number
from outreach.people.models import Scope
from outreach.understanding import Intent

if TYPE_CHECKING:
    from outreach.conversations.situation import Situation

RULE = "asks for no calls"
# “Don't call me names” and “don't call me before six” are other wishes: what follows ends the one about calls.
_GOES_ON = "please|again|ever|any\\s?more|or|and|nor|just|only|text|thanks?|por|m[aá]s|nunca|ni|y|mejor|s[oó]lo|gracias"
_END = rf"(?=\W*(?:$|[.,;:!?]|(?:{_GOES_ON})\b))"
_ME = rf"(?:\s+(?:me|us|here|(?:this|my)\s+(?:number|phone)))?{_END}"
_REFUSED = re.compile(
    rf"""\b(?:
        (?:do\s?n[o\u2019']?t|don[\u2019']?t|never|no\s+more|stop|quit)\s+(?:ever\s+)?(?:text(?:ing)?\s+(?:or|and|nor)\s+)?
            (?:call|phone|ring)(?:s|ing)?{_ME}
      | no\s+(?:phone\s+)?calls{_END}
      | (?:ya\s+)?no\s+(?:me|nos)\s+(?:vuelvan?\s+a\s+llamar|llam(?:en?|es)){_END}
      | (?:dejen?|paren?)\s+de\s+llamar(?:me|nos)?{_END}
      | (?:ya\s+no|no\s+m[aá]s|sin|nada\s+de)\s+llamadas{_END}
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_TEXTS_WELCOME = re.compile(
    r"\btext(?:s|ing)?\s+(?:is|are)\s+(?:fine|ok(?:ay)?|good|better|best|great|welcome)\b|\btext(?:s|ing)?\s+works?\b"
    r"|\b(?:just|please)\s+text\s+me\b|\bprefer\s+(?:texts|texting)\b"
    r"|\b(?:mejor|prefiero|s[oó]lo)\s+(?:por\s+)?(?:textos?|mensajes?)\b",
    re.IGNORECASE,
)
# Any of these, and they may mean texts as well: then an opt-out is one.
_PERHAPS_TEXTS_TOO = re.compile(
    r"\b(?:or|nor|ni|stop|quit|end|cancel\w*|unsubscribe|remove|opt|alto|basta|baja|quit[ae]\w*)\b"
    r"|\b(?:no|not|don\W?t|never|nunca)\b(?:\s+\w+)?\s+(?:text|mensaje|texto|mand|escrib)",
    re.IGNORECASE,
)
# What is nothing beside the wish: the rest of the house and the flow need not look at it.
_NOTHING_ELSE = frozenset({Intent.OTHER, Intent.NO, Intent.CALLBACK, Intent.FEEDBACK, Intent.HOSTILE})


def refuses_calls(words: str) -> bool:
    """Tell whether a text asks for no calls, at no time."""
    return _REFUSED.search(words) is not None


def welcomes_texts(words: str) -> bool:
    """Tell whether a text plainly asks for texts in place of calls: then it is no opt-out, however it reads."""
    asks = refuses_calls(words) and _TEXTS_WELCOME.search(words)
    return bool(asks) and _PERHAPS_TEXTS_TOO.search(words) is None


def heed_no_calls(situation: "Situation") -> bool:
    """Write down that calls are unwanted; True when the text says nothing else: then a person reads it.

    With hours or days beside it, it may be meant for those alone: a person reads that too, and nothing is written down.
    """
    if not refuses_calls(situation.text.body):
        return False
    said = situation.reading.availability
    if said is None or not any(said.as_dict().values()):
        write_down(situation)
    if situation.reading.intent not in _NOTHING_ELSE and not situation.reading.opt_out:
        return False
    situation.for_a_person()
    return True


def write_down(situation: "Situation") -> None:
    """Stop calls to a number because its holder wrote so."""
    opt_out_number(
        situation.session,
        situation.number,
        scope=Scope.CALLS,
        source=BY_TEXT,
        rule=RULE,
        raw_text="" if situation.text.restricted else situation.text.body,
        now=situation.now,
        key=situation.key,
    )
    for person in situation.people:
        drop_unwanted_calls(situation.session, person.id)
