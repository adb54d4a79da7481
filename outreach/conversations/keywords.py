"""The words that Twilio answers itself (TWILIO.md 3.1), so that a member never hears from both of us."""

from typing import Literal

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
START_WORDS = frozenset({"start", "unstop"})
# A YES lifts Twilio's block too, but it is not the member's START.
UNBLOCKING_WORDS = START_WORDS | {"yes"}
HELP_WORDS = frozenset({"help", "info"})

Mode = Literal["default", "advanced", "off"]


def exact_word(body: str) -> str:
    """Return a text as Twilio compares it with its words."""
    return body.strip().casefold()


def answered_by_twilio(body: str, mode: Mode, opt_out_type: str | None, *, opted_out: bool) -> bool:
    """Tell whether Twilio has answered this text itself."""
    if opt_out_type:
        return True
    if mode != "default":
        return False
    word = exact_word(body)
    return word in STOP_WORDS | START_WORDS | HELP_WORDS or (opted_out and word in UNBLOCKING_WORDS)


def is_start(body: str, opt_out_type: str | None) -> bool:
    """Tell whether a text asks for texts again. A YES never does: its writer answers something."""
    word = exact_word(body)
    return word != "yes" and (word in START_WORDS or opt_out_type == "START")
