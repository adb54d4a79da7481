import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.text_hours import MINUTES_A_DAY, TextHours


@given(st.integers(0, MINUTES_A_DAY - 1), st.integers(1, MINUTES_A_DAY))
def test_what_is_written_is_read_again(start: int, end: int) -> None:
    if start < end:
        hours = TextHours(start, end)
        assert TextHours.parse(str(hours)) == hours
    else:
        with pytest.raises(ValueError, match="begin before"):
            TextHours(start, end)


@pytest.mark.parametrize(
    "text", ["", "9:00-20:00", "09:00", "09:00-20:60", "24:00-24:00", "25:00-26:00", "09:00 to 20:00"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hour"):
        TextHours.parse(text)
