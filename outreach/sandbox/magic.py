"""Numbers with a fate of their own, so that every error can be met on purpose.

The first group is Twilio's own (test credentials); the second extends it in the same fictional range, the area code
500: the text is accepted, and its status says later what became of it.
"""

OK_SENDER = "+15005550006"

SENDER_CODES: dict[str, int] = {
    "+15005550001": 21212,
    "+15005550007": 21606,
    "+15005550008": 21611,
}
"""`From` numbers that are refused."""

RECIPIENT_CODES: dict[str, int] = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
    # The sandbox's own from here on.
    "+15005550010": 21608,
    "+15005550011": 21635,
    "+15005550012": 21217,
}
"""`To` numbers that are refused."""

DELIVERY_CODES: dict[str, int] = {
    "+15005550101": 30001,
    "+15005550102": 30002,
    "+15005550103": 30003,
    "+15005550104": 30004,
    "+15005550105": 30005,
    "+15005550106": 30006,
    "+15005550107": 30007,
    "+15005550108": 30008,
    "+15005550109": 30410,
    "+15005550110": 30010,
    "+15005550117": 30017,
    "+15005550118": 30018,
    "+15005550119": 30019,
    "+15005550122": 30022,
    "+15005550123": 30023,
    "+15005550124": 30024,
    "+15005550127": 30027,
    "+15005550132": 30032,
    "+15005550134": 30034,
    "+15005550136": 30036,
    "+15005550147": 30047,
    "+15005550150": 30450,
    "+15005550153": 30453,
    "+15005550160": 21610,
    "+15005550161": 30610,
    "+15005550164": 30640,
}
"""`To` numbers that are accepted, and fail afterwards with this ErrorCode."""

SILENT_RECIPIENT = "+15005550199"
"""A carrier without receipts: `sent` stays the last status."""

NEVER_LEFT = frozenset(
    {21610, 30001, 30002, 30010, 30018, 30019, 30023, 30024, 30027, 30036, 30047, 30450, 30453, 30610, 30640}
)
"""Codes of texts that never left Twilio: their status is `failed`; of all others it is `undelivered`."""


def is_delivery_code(code: int) -> bool:
    """Say whether Twilio reports this code after having accepted the text (and not in the answer to the create)."""
    return code >= 30000
