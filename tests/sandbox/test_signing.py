import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from outreach.sandbox.signing import sign

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "signature_vectors.json").read_text())["cases"]


@pytest.mark.parametrize("case", [case for case in VECTORS if "algorithm" not in case], ids=lambda case: case["name"])
def test_signs_as_twilio_does(case: dict[str, Any]) -> None:
    assert sign(case["token"], case["url"], case.get("params", {})) == case["signature"]


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii"), min_size=1), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_the_sdk_accepts_every_signature(params: dict[str, str]) -> None:
    url = "http://127.0.0.1:8000/twilio/status?id=7"
    assert RequestValidator("secret").validate(url, params, sign("secret", url, params))


def test_fragment_and_credentials_of_the_url_are_not_signed() -> None:
    plain = sign("secret", "https://example.org/x?id=1", {"Body": "hi"})
    assert sign("secret", "https://user:word@example.org/x?id=1#rc=3", {"Body": "hi"}) == plain
