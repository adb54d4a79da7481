import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.people.phones import BadPhone, mask_phone, normalise_phone, split_phones

PHONE = "+12135550123"


@pytest.mark.parametrize(
    "written",
    [
        "2135550123", "12135550123", "+12135550123", "(213) 555-0123", "213-555-0123", "213.555.0123", "213 555 0123",
        "+1 (213) 555-0123", "1-213-555-0123", " 2135550123 ", "2135550123.0", "213-555-0123 ext. 12",
        "213\u2013555\u20130123", "213\u00a0555\u00a00123",
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    assert normalise_phone(written) == PHONE


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        ("2.13556E+09", "scientific"),
        ("2.13556e9", "scientific"),
        ("2,13556E+09", "scientific"),
        ("5550123", "7 digits"),
        ("555-0123", "7 digits"),
        ("21355501", "8 digits"),
        ("0000000000", "filler"),
        ("999-999-9999", "filler"),
        ("213-000-0000", "filler"),
        ("213-999-9999", "filler"),
        ("000-555-0123", "filler"),
        ("1111111111", "filler"),
        ("911-555-0123", "area code"),
        ("113-555-0123", "area code"),
        ("213-155-0123", "never given out"),
        ("213-911-0123", "never given out"),
        ("+999 123", "country"),
        ("+44 1", "does not exist"),
        ("call my sister", "something else"),
        ("213-555-O123", "something else"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(BadPhone, match=reason) as caught:
        normalise_phone(written)
    assert "0123" not in caught.value.reason


def test_other_countries_need_their_code() -> None:
    assert normalise_phone("+44 7400 123456") == "+447400123456"


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("213-555-0101, 213-555-0102", ["213-555-0101", "213-555-0102"]),
        ("213-555-0101; 213-555-0102", ["213-555-0101", "213-555-0102"]),
        ("213-555-0101 / 213-555-0102", ["213-555-0101", "213-555-0102"]),
        ("213-555-0101 or 213-555-0102", ["213-555-0101", "213-555-0102"]),
        ("213-555-0101 OR 213-555-0102", ["213-555-0101", "213-555-0102"]),
        ("", []),
    ],
)
def test_several_numbers_in_one_cell_are_each_taken(cell: str, parts: list[str]) -> None:
    assert split_phones(cell) == parts


@given(st.text())
def test_any_text_is_a_number_or_refused(raw: str) -> None:
    try:
        phone = normalise_phone(raw)
    except BadPhone:
        return
    assert phone.startswith("+")
    assert normalise_phone(phone) == phone


def test_a_masked_number_shows_four_digits() -> None:
    assert mask_phone(PHONE) == "•••-0123"
    assert mask_phone("72345") == "•••"
