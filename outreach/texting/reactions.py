"""What each of Twilio's error codes means for us (TWILIO.md 2.5), in one table that the operator can read."""

import enum
from datetime import timedelta
from typing import NamedTuple


class Reaction(enum.StrEnum):
    """What we do about an error code."""

    OPT = "OPT"
    BAD = "BAD"
    SOFT = "SOFT"
    SLOW = "SLOW"
    HALT = "HALT"
    CONTENT = "CONTENT"
    DROP = "DROP"
    AMB = "AMB"
    ALERT = "ALERT"


MEANINGS = {
    Reaction.OPT: "mark the number opted out, cancel what is queued for it",
    Reaction.BAD: "mark the number not textable; a call may still work",
    Reaction.SOFT: "send it again 4 and 16 hours later; three such failures in 30 days make the number BAD",
    Reaction.SLOW: "let this sender rest, and send the text again a little later",
    Reaction.HALT: "pause the campaign, which says why, and text who is on call: settings or registration are at "
    "fault; without a campaign, stop all",
    Reaction.CONTENT: "this text cannot be sent as it is",
    Reaction.DROP: "final for this text",
    Reaction.AMB: "find out at Twilio what became of it before anything is sent again",
    Reaction.ALERT: "the text is not touched; our own webhook is at fault: see `outreach doctor`",
}

SOON = (timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1))
LATER = (timedelta(hours=4), timedelta(hours=16))
MUCH_LATER = (timedelta(hours=12),)
# A text that was refused for the hour may wait for the morning; the hours then put it where it may leave.
OVER_NIGHT = (timedelta(hours=10),)
BEHIND_THE_GATE = (timedelta(0),) * 2
# How long after a failure a text that Twilio had accepted is sent again, try by try; after the last it stays failed.
AGAIN = {Reaction.SOFT: LATER, Reaction.SLOW: SOON, Reaction.HALT: BEHIND_THE_GATE}
STRIKES = 3


class Code(NamedTuple):
    """One error code: what it means and what we do.

    `again` are the waits before further tries, where they differ from the reaction's; `strikes` so many failures in
    30 days make a number BAD; above the share `halts_above` of a campaign's texts the campaign is paused;
    `until_midnight` lets campaigns rest until 00:00 Pacific, and the text wait for it; where it does not even ring,
    the number cannot be called either.
    """

    code: int
    meaning: str
    reaction: Reaction
    again: tuple[timedelta, ...] | None = None
    strikes: int = STRIKES
    halts_above: float | None = None
    until_midnight: bool = False
    rings: bool = True

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """Return how long to wait before each further try."""
        return AGAIN.get(self.reaction, ()) if self.again is None else self.again

    @property
    def but(self) -> str:
        """Return in words in what this code differs from its reaction."""
        differences = []
        if self.halts_above is not None:
            differences.append(f"the campaign is paused above {self.halts_above:.0%} of its texts")
        if self.until_midnight:
            differences.append("campaigns rest until 00:00 Pacific")
        if self.strikes != STRIKES:
            differences.append("the second within 30 days makes the number BAD")
        if not self.rings:
            differences.append("nor can it be called")
        if self.again and not self.until_midnight:
            differences.append(
                f"sent again after {', '.join(f'{wait.total_seconds() / 3600:g} h' for wait in self.again)}"
            )
        return "; ".join(differences)


CODES = (
    Code(11200, "our webhook did not answer well", Reaction.ALERT),
    Code(11205, "our webhook refused the connection", Reaction.ALERT),
    Code(11210, "our webhook's host name is not valid", Reaction.ALERT),
    Code(11220, "our webhook's TLS handshake failed", Reaction.ALERT),
    Code(11237, "our webhook's certificate is not trusted", Reaction.ALERT),
    Code(11751, "media too large", Reaction.ALERT),
    Code(12100, "our webhook's answer is no TwiML", Reaction.ALERT),
    Code(12200, "our webhook's TwiML is not valid", Reaction.ALERT),
    Code(12300, "our webhook's content type is not valid", Reaction.ALERT),
    Code(20003, "credentials are wrong", Reaction.HALT),
    Code(20005, "account suspended", Reaction.HALT),
    Code(20403, "forbidden", Reaction.HALT),
    Code(20404, "account or service does not exist", Reaction.HALT),
    Code(20429, "too many requests at once", Reaction.SLOW),
    Code(20500, "Twilio fault", Reaction.AMB),
    Code(20503, "Twilio fault", Reaction.AMB),
    Code(21211, "the number is not valid", Reaction.BAD, rings=False),
    Code(21212, "the sender is not valid", Reaction.HALT),
    Code(21217, "the number is not valid", Reaction.BAD, rings=False),
    Code(21401, "the number is not valid", Reaction.BAD, rings=False),
    Code(21408, "this region is not enabled in Twilio's console", Reaction.DROP),
    Code(21602, "empty body", Reaction.CONTENT),
    Code(21603, "sender missing", Reaction.HALT),
    Code(21606, "the sender cannot send texts", Reaction.HALT),
    Code(21608, "trial account: number not verified", Reaction.HALT),
    Code(21609, "our callback address is not valid: mend PUBLIC_URL", Reaction.HALT),
    Code(21610, "the number opted out at Twilio", Reaction.OPT),
    Code(21611, "this sender's queue is full", Reaction.SLOW),
    Code(21612, "this pair of numbers cannot be routed", Reaction.BAD),
    Code(21614, "not a mobile number", Reaction.BAD),
    Code(21617, "body too long", Reaction.CONTENT),
    Code(21619, "neither body nor media", Reaction.CONTENT),
    Code(21620, "media address is not valid", Reaction.CONTENT),
    Code(21623, "too many media", Reaction.CONTENT),
    Code(21624, "validity period is not valid", Reaction.CONTENT),
    Code(21635, "landline", Reaction.BAD),
    Code(21659, "the sender is not one of the account's", Reaction.HALT),
    Code(21701, "messaging service missing", Reaction.HALT),
    Code(21703, "messaging service without numbers", Reaction.HALT),
    Code(21704, "messaging service without numbers", Reaction.HALT),
    Code(21712, "the sender is not one of the messaging service's", Reaction.HALT),
    Code(30001, "queue overflow", Reaction.SLOW),
    Code(30002, "account suspended", Reaction.HALT),
    Code(30003, "phone off or out of reach", Reaction.SOFT),
    Code(30004, "blocked by the carrier, or a landline", Reaction.BAD),
    Code(30005, "unknown or inactive number", Reaction.SOFT, strikes=2),
    Code(30006, "landline or unreachable carrier", Reaction.BAD),
    Code(30007, "filtered as spam", Reaction.CONTENT, halts_above=0.02),
    Code(30008, "unknown error", Reaction.SOFT),
    Code(30010, "price limit", Reaction.CONTENT),
    Code(30017, "carrier congestion", Reaction.SLOW),
    Code(30018, "sender not provisioned at the carrier", Reaction.HALT, again=(), halts_above=0.5),
    Code(30019, "content too large", Reaction.CONTENT),
    Code(30022, "10DLC rate exceeded", Reaction.SLOW),
    Code(30023, "10DLC daily cap reached", Reaction.SLOW, until_midnight=True),
    Code(30024, "sender not provisioned at the carrier", Reaction.HALT, again=(), halts_above=0.5),
    Code(30025, "half of the daily cap used", Reaction.SLOW, again=()),
    Code(30026, "70 % of the daily cap used", Reaction.SLOW, again=()),
    Code(30027, "10DLC daily cap reached", Reaction.SLOW, until_midnight=True),
    Code(30032, "toll-free number not verified", Reaction.HALT),
    Code(30034, "number not registered to a 10DLC campaign", Reaction.HALT),
    Code(30036, "validity period passed", Reaction.DROP),
    Code(30047, "could not be rescheduled", Reaction.SOFT),
    Code(30410, "carrier timed out: it may have arrived", Reaction.SOFT, again=MUCH_LATER),
    Code(30450, "held back as suspected fraud: allow-list the number", Reaction.DROP),
    Code(30453, "held back as suspected fraud: allow-list the number", Reaction.DROP),
    Code(30610, "refused: quiet hours", Reaction.DROP, again=OVER_NIGHT),
    Code(30640, "on a list of litigators", Reaction.OPT),
    *(Code(code, "schedule is not valid", Reaction.CONTENT) for code in range(35111, 35119)),
)

_BY_CODE = {row.code: row for row in CODES}
UNLISTED = Code(0, "unlisted code: see Twilio's error dictionary", Reaction.SOFT)


def reaction_to(code: int | None) -> Code:
    """Return the row of a code; an unlisted one counts as a passing failure, and somebody looks it up."""
    return _BY_CODE.get(code or 0, UNLISTED)


def concerns_number(code: int | None) -> bool:
    """Tell whether a code may change what we know of the number: whoever reacts to it locks the number first."""
    return reaction_to(code).reaction in {Reaction.OPT, Reaction.BAD, Reaction.SOFT}


def is_listed(code: int | None) -> bool:
    """Tell whether the table has a row for this code."""
    return code in _BY_CODE


NOT_SOFT = frozenset(row.code for row in CODES if row.reaction is not Reaction.SOFT)
