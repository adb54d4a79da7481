"""Reading the application's answer to a webhook: TwiML, or plain text that is texted back."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from outreach.sandbox.webhooks import Answer

XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
VERBS = frozenset({"Message", "Redirect"})


@dataclass(frozen=True)
class Reply:
    """A text that the answer asks for; `to` and `sender` are None for the conversation's own."""

    body: str
    to: str | None = None
    sender: str | None = None
    callback: str | None = None


@dataclass(frozen=True)
class Reading:
    """The replies that an answer asks for, and the debugger code when something was wrong with it."""

    replies: tuple[Reply, ...] = ()
    alert: int | None = None


def read_answer(answer: Answer) -> Reading:
    """Read what the application answered.

    Alerts: 11200 not a 2xx status, 11205 no answer, 12100 not XML, 12200 not TwiML, 12300 another content type.
    """
    if not answer.succeeded:
        return Reading(alert=11205 if answer.status is None else 11200)
    text = answer.body.decode(errors="replace")
    if not text.strip():
        return Reading()
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind == "text/plain":
        return Reading((Reply(text),))
    if kind not in XML_TYPES:
        return Reading(alert=12300)
    return _read_twiml(text)


def _read_twiml(text: str) -> Reading:
    try:
        root = ET.fromstring(text)  # noqa: S314 - the application's own answer, on loopback
    except ET.ParseError:
        return Reading(alert=12100)
    if root.tag != "Response" or any(verb.tag not in VERBS for verb in root):
        return Reading(alert=12200)
    return Reading(tuple(_read_message(verb) for verb in root if verb.tag == "Message"))


def _read_message(verb: ET.Element) -> Reply:
    body = verb.findtext("Body")
    return Reply(
        (verb.text or "") if body is None else body,
        verb.get("to"),
        verb.get("from"),
        verb.get("statusCallback") or verb.get("action"),
    )
