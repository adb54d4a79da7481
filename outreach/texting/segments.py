"""How many segments a text takes at the carrier (TWILIO.md 4): pure counting."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TextIO

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
GSM = GSM_BASIC | GSM_EXTENDED

Encoding = Literal["GSM-7", "UCS-2"]
LIMITS: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
# What takes two units instead of one.
_WIDE: dict[Encoding, re.Pattern[str]] = {
    "GSM-7": re.compile(f"[{re.escape(''.join(sorted(GSM_EXTENDED)))}]"),
    "UCS-2": re.compile("[\U00010000-\U0010ffff]"),
}


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes: its encoding, code units (septets or UTF-16 units) and segments."""

    encoding: Encoding
    units: int
    segments: int


def count_segments(body: str) -> Segments:
    """Count the segments of a body as Twilio bills them, without smart encoding."""
    encoding: Encoding = "GSM-7" if GSM.issuperset(body) else "UCS-2"
    wide = _WIDE[encoding].findall(body)
    units = len(body) + len(wide)
    single, part = LIMITS[encoding]
    if units <= single:
        return Segments(encoding, units, 1)
    return Segments(encoding, units, _parts([2 if character in wide else 1 for character in body], part))


def _parts(widths: list[int], room: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts


def encode_lines(lines: TextIO) -> Iterator[str]:
    """Answer each JSON line `{"text"}` with its encoding, units and segments; a broken line with an error."""
    for line in lines:
        if not line.strip():
            continue
        try:
            counted = count_segments(json.loads(line)["text"])
        except (ValueError, KeyError, TypeError):
            yield json.dumps({"id": None, "error": 'not a JSON object with "text"; write {"text": "..."}'})
            continue
        yield json.dumps({"encoding": counted.encoding, "units": counted.units, "segments": counted.segments})
