"""How many segments a text is billed as."""

from typing import NamedTuple

GSM_7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENSION = "\f^{}\\[~]|€"
SEPTETS = dict.fromkeys(GSM_7, 1) | dict.fromkeys(GSM_7_EXTENSION, 2)


class SegmentCount(NamedTuple):
    """Encoding, units (septets or UTF-16 code units) and segments of a text."""

    encoding: str
    units: int
    segments: int


def count_segments(text: str) -> SegmentCount:
    """Count as Twilio does: an escape pair or a surrogate pair is never split between two segments."""
    widths = [SEPTETS.get(character, 0) for character in text]
    if all(widths):
        return SegmentCount("GSM-7", sum(widths), _segments(widths, 160, 153))
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    return SegmentCount("UCS-2", sum(widths), _segments(widths, 70, 67))


def _segments(widths: list[int], single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    segments, used = 1, 0
    for width in widths:
        if used + width > part:
            segments, used = segments + 1, 0
        used += width
    return segments
