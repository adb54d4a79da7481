"""What each of Twilio's error codes means for us (TWILIO.md 2.5), in one table that the operator can read."""

import enum
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


MEANINGS = {
    Reaction.OPT: "mark the number opted out, cancel what is queued for it",
    Reaction.BAD: "mark the number not textable; a call may still work",
    Reaction.SOFT: "count it; the text is not sent again by itself",
    Reaction.SLOW: "slow this sender down; a text refused at the door goes back in the queue",
    Reaction.HALT: "pause the campaign and tell an admin: settings or registration are at fault",
    Reaction.CONTENT: "this text cannot be sent as it is",
    Reaction.DROP: "final for this text",
    Reaction.AMB: "find out at Twilio what became of it before anything is sent again",
}


class Code(NamedTuple):
    """One error code: what it means and what we do."""

    code: int
    meaning: str
    reaction: Reaction


CODES = tuple(
    Code(*row)
    for row in (
        (20003, "credentials are wrong", Reaction.HALT),
        (20005, "account suspended", Reaction.HALT),
        (20403, "forbidden", Reaction.HALT),
        (20404, "account or service does not exist", Reaction.HALT),
        (20429, "too many requests at once", Reaction.SLOW),
        (20500, "Twilio fault", Reaction.AMB),
        (20503, "Twilio fault", Reaction.AMB),
        (21211, "the number is not valid", Reaction.BAD),
        (21212, "the sender is not valid", Reaction.HALT),
        (21217, "the number is not valid", Reaction.BAD),
        (21401, "the number is not valid", Reaction.BAD),
        (21408, "this region is not enabled in Twilio's console", Reaction.DROP),
        (21602, "empty body", Reaction.CONTENT),
        (21603, "sender missing", Reaction.HALT),
        (21606, "the sender cannot send texts", Reaction.HALT),
        (21608, "trial account: number not verified", Reaction.HALT),
        (21610, "the number opted out at Twilio", Reaction.OPT),
        (21611, "this sender's queue is full", Reaction.SLOW),
        (21612, "this pair of numbers cannot be routed", Reaction.BAD),
        (21614, "not a mobile number", Reaction.BAD),
        (21617, "body too long", Reaction.CONTENT),
        (21619, "neither body nor media", Reaction.CONTENT),
        (21620, "media address is not valid", Reaction.CONTENT),
        (21623, "too many media", Reaction.CONTENT),
        (21624, "validity period is not valid", Reaction.CONTENT),
        (21635, "landline", Reaction.BAD),
        (21659, "the sender is not one of the account's", Reaction.HALT),
        (21701, "messaging service missing", Reaction.HALT),
        (21703, "messaging service without numbers", Reaction.HALT),
        (21704, "messaging service without numbers", Reaction.HALT),
        (30001, "queue overflow", Reaction.SLOW),
        (30002, "account suspended", Reaction.HALT),
        (30003, "phone off or out of reach", Reaction.SOFT),
        (30004, "blocked by the carrier, or a landline", Reaction.BAD),
        (30005, "unknown or inactive number", Reaction.BAD),
        (30006, "landline or unreachable carrier", Reaction.BAD),
        (30007, "filtered as spam", Reaction.CONTENT),
        (30008, "unknown error", Reaction.SOFT),
        (30010, "price limit", Reaction.CONTENT),
        (30017, "carrier congestion", Reaction.SLOW),
        (30018, "sender not provisioned at the carrier", Reaction.HALT),
        (30019, "content too large", Reaction.CONTENT),
        (30022, "10DLC rate exceeded", Reaction.SLOW),
        (30023, "10DLC daily cap reached", Reaction.SLOW),
        (30024, "sender not provisioned at the carrier", Reaction.HALT),
        (30025, "half of the daily cap used", Reaction.SLOW),
        (30026, "70 % of the daily cap used", Reaction.SLOW),
        (30027, "10DLC daily cap reached", Reaction.SLOW),
        (30032, "toll-free number not verified", Reaction.HALT),
        (30034, "number not registered to a 10DLC campaign", Reaction.HALT),
        (30036, "validity period passed", Reaction.DROP),
        (30047, "could not be rescheduled", Reaction.SOFT),
        (30410, "carrier timed out", Reaction.SOFT),
        (30450, "held back as suspected fraud", Reaction.DROP),
        (30453, "held back as suspected fraud", Reaction.DROP),
        (30610, "refused: quiet hours", Reaction.DROP),
        (30640, "on a list of litigators", Reaction.BAD),
        (35111, "schedule is not valid", Reaction.CONTENT),
    )
)

_BY_CODE = {row.code: row for row in CODES}
UNLISTED = Code(0, "unlisted code: see Twilio's error dictionary", Reaction.SOFT)


def reaction_to(code: int | None) -> Code:
    """Return the row of a code; an unlisted one is counted and changes nothing."""
    return _BY_CODE.get(code or 0, UNLISTED)
