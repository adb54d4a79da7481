"""Telephone numbers as people write them, made E.164 or refused with the reason."""

import re

import phonenumbers

from outreach.errors import OutreachError

_SPLIT = re.compile(r"[,;/|\n]|\s(?:or|o|and|y)\s", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+$")
_DECIMAL_TAIL = re.compile(r"\.0+$")
_WRITTEN = re.compile(r"[+\d\s().\-\u2010-\u2015\u00a0]+")
_FILLER_LINES = frozenset({"0000000", "9999999"})


class BadPhone(OutreachError):  # noqa: N818 - the word is the field's
    """Say why a cell is no telephone number; the number itself is never in the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normalise_phone(raw: str) -> str:
    """Return one number in E.164.

    Ten digits, or eleven beginning with 1, are North American; anything else must be written with its country
    code after a +. Raises BadPhone with the reason.
    """
    written = _EXTENSION.sub("", _DECIMAL_TAIL.sub("", raw.strip()))
    if not written:
        raise BadPhone("the phone cell is empty")
    if _SCIENTIFIC.match(written):
        raise BadPhone("a spreadsheet shortened the phone number to scientific notation")
    if not _WRITTEN.fullmatch(written):
        raise BadPhone("the phone cell holds something else than a number")
    digits = re.sub(r"\D", "", written)
    if written.lstrip("( ").startswith("+") and not digits.startswith("1"):
        return _international(digits)
    return _north_american(digits)


def _north_american(digits: str) -> str:
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) == 7:
        raise BadPhone("the phone number has 7 digits: the area code is missing")
    if len(digits) != 10:
        raise BadPhone(f"the phone number has {len(digits)} digits instead of 10")
    area, exchange = digits[:3], digits[3:6]
    if len(set(digits)) == 1 or area in {"000", "999"} or exchange == "000" or digits[3:] in _FILLER_LINES:
        raise BadPhone("the phone number is a filler, such as 000 or 999")
    if area[0] in "01" or area[1:] == "11":
        raise BadPhone("the phone number's area code does not exist")
    if exchange[0] in "01" or exchange[1:] == "11":
        raise BadPhone("the phone number cannot exist: the three digits after the area code are never given out")
    return f"+1{digits}"


def _international(digits: str) -> str:
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        raise BadPhone("the phone number's country code does not exist") from None
    if not phonenumbers.is_valid_number(parsed):
        raise BadPhone("the phone number does not exist in its country")
    return f"+{digits}"


def split_phones(cell: str) -> list[str]:
    """Return the numbers written in one cell, as they stand: parts set apart by , ; / | a line or the word "or"."""
    return [part.strip() for part in _SPLIT.split(cell) if part.strip()]


def mask_phone(phone: str) -> str:
    """Return a number with all but its last four digits hidden, for pages and reports."""
    return f"•••-{phone[-4:]}" if len(phone) >= 7 else "•••"


def spaced(phone: str) -> str:
    """Return an American number as people read it: `213-555-0100`; any other as it is."""
    national = phone.removeprefix("+1")
    return f"{national[:3]}-{national[3:6]}-{national[6:]}" if len(national) == 10 else phone
