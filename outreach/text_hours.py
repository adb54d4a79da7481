import re
from dataclasses import dataclass

MINUTES_A_DAY = 24 * 60
_PATTERN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


@dataclass(frozen=True)
class TextHours:
    """The part of a day in which texts may leave: minutes since local midnight, `end` not included."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError("the hours must begin before they end, between 00:00 and 24:00")

    @classmethod
    def parse(cls, text: str) -> "TextHours":
        """Read `HH:MM-HH:MM`, where the end may be 24:00. Raises ValueError."""
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise ValueError("hours are written HH:MM-HH:MM")
        start_hour, start_minute, end_hour, end_minute = (int(part) for part in match.groups())
        if max(start_minute, end_minute) > 59:
            raise ValueError("an hour has minutes 00 to 59")
        return cls(start_hour * 60 + start_minute, end_hour * 60 + end_minute)

    @property
    def always(self) -> bool:
        """Whether these hours never close."""
        return (self.start, self.end) == (0, MINUTES_A_DAY)

    def __str__(self) -> str:
        return f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"
