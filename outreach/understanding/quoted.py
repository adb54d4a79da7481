import re
from collections.abc import Sequence
from dataclasses import dataclass

_QUOTE = '["“”«»„]'
_QUOTES = frozenset('"“”«»„')
_TAPBACK = re.compile(
    r"^\s*(?:[^\w\s]+\s*)?(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted .{1,30}? (?:to|with)|removed (?:a|an) .{1,30}? from"
    r"|(?:a .{1,30} )?(?:no )?(?:le|te) gust[oó]|(?:a .{1,30} )?(?:le|te) encant[oó]|se ri[oó] (?:de|con)|(?:le|te) dio risa|enfatiz[oó]|destac[oó]"
    r"|cuestion[oó]|pregunt[oó] por|reaccion[oó] .{1,30}? a|elimin[oó] .{1,40}? de|quit[oó] .{1,40}? de|me gusta|me encanta|.{1,12} to)\s*:?\s*"
    + _QUOTE
    + r".*$",
    re.IGNORECASE | re.DOTALL,
)
_LONG_QUOTE = re.compile(_QUOTE + r"[^\"“”«»„]{25,}(?:" + _QUOTE + r"|$)")
_QUOTED_LINE = re.compile(r"(?m)^\s*>.*$")
_MAIL_TAIL = re.compile(
    r"(?is)\n\s*(?:on .{5,80} wrote:|el .{5,80} escribi[oó]:|-{2,} ?(?:original message|forwarded message)|begin forwarded message|from: .{3,80}\n).*$"
)
_INSTRUCTION = re.compile(
    r"(?is)(?:\b(?:reply|text|txt|send|responde|responda|respondan|env[ií]e|env[ií]a|manda|mande|contesta|conteste|msg)\s+[\"'“”]?(?:stop|alto|end)[\"'“”]?"
    r"\s+(?:to|2|para|y|and|if|si)\b[^.\n]{0,60}|\bto (?:end|stop|leave) [^.\n]{0,40}\b(?:reply|text|send) (?:stop|end|quit)\b|\b(?:stop|alto)\s*(?:2 end|to (?:opt out|end|unsubscribe|quit)|=\s*[^.\n]{0,40}))"
)
_AUTO_REPLY = re.compile(
    r"(?i)driving with (?:do not disturb|focus)|(?:^|[.!?,] *)i.?m driving(?: (?:right )?now|[ ,.!-]*(?:$|and |i.?ll|will|can.?t|text |call ))|(?:with )?do not disturb (?:while driving )?(?:is )?turned on|estoy (?:manejando|conduciendo).{0,40}(?:no molestar|te|le|responder|modo)"
    r"|no molestar (?:activado|al conducir)|\bauto(?:matic|m[aá]tic[ao])?[- ]?(?:reply|response|respuesta|responder)|respuesta autom[aá]tica|out of (?:the )?office|fuera de (?:la )?oficina"
    r"|(?:have|has) notifications silenced|notificaciones silenciadas|away from my (?:phone|desk)|currently unavailable and will|i am currently away|limited access to (?:email|messages|my)"
    r"|will (?:reply|respond|return your|get back to you) (?:when|as soon as|once|upon) (?:i|we)|this is an automated|este es un mensaje autom|voice ?mail (?:box )?is full|this (?:number|mailbox|inbox) is not monitored"
    r"|number (?:does not|cannot) (?:accept|receive) (?:text|sms)|msg blocking is active|thank you for (?:contacting|calling|reaching out to) .{0,40}(?:business hours|hours are|we will|our office)|gracias por (?:comunicarse|contactar)"
    r"|can.?t talk (?:right )?now|in a meeting,? (?:i.?ll|will) (?:call|get back|text)|what.?s up\? *i.?m driving|sent from my (?:car|carplay)"
)


@dataclass(frozen=True)
class Unquoted:
    """What a person wrote themselves, and whether the text was a tapback or a machine's answer.

    ``beside`` is what a machine's answer says, our own words taken away: a person may have written into it.
    """

    own: str
    beside: str = ""
    is_tapback: bool = False
    is_auto_reply: bool = False
    had_quote: bool = False


_AUTO_SIGNS = (
    "driving", "disturb", "manejando", "conduciendo", "molestar", "auto", "office", "oficina", "silenc", "away from", "unavailable",
    "away", "limited", "will re", "will get back", "monitored", "number", "blocking is", "thank you for",
    "gracias por", "t talk", "meeting", "sent from", "mensaje", "mail",
)  # fmt: skip
"""Words one of which stands in every machine's answer; looking for them is quicker than for the answers."""


_ORDERS = ("stop", "alto", "end")
"""Words one of which stands in every instruction of ours."""


def _has_one(signs: Sequence[str], text: str) -> bool:
    for sign in signs:  # noqa: SIM110 - twice as fast as any(), and every text passes here
        if sign in text:
            return True
    return False


def unquote(text: str) -> Unquoted:
    """Take quoted words away: tapbacks, mail tails, our own "Reply STOP to opt out"; and know machines' answers."""
    quotes = not _QUOTES.isdisjoint(text)
    if quotes and _TAPBACK.match(text):
        return Unquoted("", is_tapback=True, had_quote=True)
    if len(text) < 15:
        return Unquoted(text)
    folded = text.casefold()
    if len(text) > 15 and _has_one(_AUTO_SIGNS, folded) and _AUTO_REPLY.search(text):
        return Unquoted("", beside=_INSTRUCTION.sub(" ", text), is_auto_reply=True)
    own = _MAIL_TAIL.sub(" ", text) if "\n" in text else text
    own = _QUOTED_LINE.sub(" ", own) if ">" in own else own
    own = _LONG_QUOTE.sub(" ", own) if quotes else own
    own = _INSTRUCTION.sub(" ", own) if _has_one(_ORDERS, folded) else own
    return Unquoted(own, had_quote=own != text)
