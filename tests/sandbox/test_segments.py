import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.sandbox.segments import count_segments

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "segments_examples.json").read_text())["cases"]


@pytest.mark.parametrize(
    "case", [case for case in EXAMPLES if not case["smart_encoding"]], ids=lambda case: case["note"]
)
def test_counts_as_twilios_calculator_does(case: dict[str, Any]) -> None:
    assert count_segments(case["text"]) == (case["encoding"], case["code_units"], case["segments"])


def test_an_escape_pair_is_not_split_between_segments() -> None:
    assert count_segments("a" * 152 + "{" + "a" * 152) == ("GSM-7", 306, 3)


@given(st.text(max_size=400), st.text(max_size=50))
def test_more_text_never_needs_fewer_segments(text: str, more: str) -> None:
    assert 1 <= count_segments(text).segments <= count_segments(text + more).segments
