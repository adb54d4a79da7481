"""The words that Twilio answers by itself: whole message, one word, in any case."""

from dataclasses import dataclass
from enum import StrEnum

from outreach.sandbox.config import Keywords, SandboxConfig

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")


class OptOutType(StrEnum):
    """What a keyword does; Advanced Opt-Out sends it along as OptOutType."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


REPLIES: dict[OptOutType, str] = {
    OptOutType.STOP: (
        "You have successfully been unsubscribed. You will not receive any more messages from this number. "
        "Reply START to resubscribe."
    ),
    OptOutType.START: (
        "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
        "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    ),
    OptOutType.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
"""What Twilio texts back."""


@dataclass(frozen=True)
class Keyword:
    """A recognised word; `announced` when the webhook carries it as OptOutType."""

    type: OptOutType
    announced: bool


def find_keyword(body: str, sender: str, config: SandboxConfig) -> Keyword | None:
    """Return the keyword that a whole message is, if Twilio handles words for this sender at all.

    Toll-free numbers know only START and UNSTOP for opting back in.
    """
    if config.keywords is Keywords.OFF:
        return None
    advanced = config.keywords is Keywords.ADVANCED
    word = body.strip().upper()
    if word in STOP_WORDS or (advanced and word in {own.upper() for own in config.advanced_stop_words}):
        return Keyword(OptOutType.STOP, advanced)
    if word in START_WORDS and not (word == "YES" and sender.startswith(TOLL_FREE)):
        return Keyword(OptOutType.START, advanced)
    return Keyword(OptOutType.HELP, advanced) if word in HELP_WORDS else None
