import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.texting.segments import GSM_BASIC, count_segments, encode_lines

VECTORS = Path(__file__).parent.parent / "data" / "segments_examples.json"
CASES = [case for case in json.loads(VECTORS.read_text())["cases"] if not case["smart_encoding"]]


@pytest.mark.parametrize("case", CASES, ids=[str(case["note"]) for case in CASES])
def test_counts_as_twilios_own_calculator_does(case: dict[str, object]) -> None:
    counted = count_segments(str(case["text"]))
    assert (counted.encoding, counted.segments) == (case["encoding"], case["segments"])
    if case["text"]:
        assert counted.units == case["code_units"]


def test_the_vectors_are_there() -> None:
    assert len(CASES) > 30


def test_an_empty_text_is_one_segment() -> None:
    assert count_segments("").segments == 1


@given(st.text(max_size=400))
def test_no_text_takes_fewer_parts_than_its_units_need(body: str) -> None:
    counted = count_segments(body)
    single, part = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    least = 1 if counted.units <= single else -(-counted.units // part)
    # A character of two units may leave the last place of a part empty.
    most = 1 if counted.units <= single else -(-counted.units // (part - 1))
    assert least <= counted.segments <= most


@given(st.text(alphabet=sorted(GSM_BASIC), max_size=400), st.text(alphabet=sorted(GSM_BASIC), max_size=50))
def test_more_words_never_cost_less(body: str, more: str) -> None:
    assert count_segments(body + more).segments >= count_segments(body).segments


def test_lines_are_answered_in_their_order_and_broken_ones_with_an_error() -> None:
    lines = io.StringIO('{"text": "hola"}\n\n{"text": 5}\nnonsense\n[]\n{"text": "más"}\n')
    answers = [json.loads(line) for line in encode_lines(lines)]
    assert answers[0] == {"encoding": "GSM-7", "units": 4, "segments": 1}
    assert [answer.get("id", "none") for answer in answers[1:4]] == [None, None, None]
    assert answers[4]["encoding"] == "UCS-2"
