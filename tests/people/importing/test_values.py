from datetime import date

import pytest

from outreach.people.importing.values import (
    clean,
    day_in_name,
    is_minor,
    is_true,
    meaning,
    read_date,
    read_language,
    read_list,
    read_zip,
    says_no_contact,
)

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-03-09", date(2024, 3, 9)),
        ("3/9/2024", date(2024, 3, 9)),
        ("03/09/24", date(2024, 3, 9)),
        ("3-9-2024", date(2024, 3, 9)),
        ("2024/3/9", date(2024, 3, 9)),
        ("2024-03-09 18:30:00", date(2024, 3, 9)),
        ("2024-03-09T18:30:00-0800", date(2024, 3, 9)),
        ("1/2/85", date(1985, 1, 2)),
        ("2024-02-30", None),
        ("13/13/2024", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days_are_read_as_lists_write_them(cell: str, day: date | None) -> None:
    assert read_date(cell) == day


@pytest.mark.parametrize(
    ("cell", "zip_code"),
    [
        ("90033", "90033"),
        ("4282", "04282"),
        ("90033-1234", "90033"),
        ("900331234", "90033"),
        ("4282.0", "04282"),
        ("501", "00501"),
        ("SW1A", None),
        ("", None),
        ("12", None),
    ],
)
def test_zip_codes_get_back_what_spreadsheets_ate(cell: str, zip_code: str | None) -> None:
    assert read_zip(cell) == zip_code


@pytest.mark.parametrize("cell", ["TRUE", "t", "yes", "Y", "1", "x", "Sí", "whatever", "STOP"])
def test_an_opt_out_cell_that_says_anything_but_no_is_an_opt_out(cell: str) -> None:
    assert says_no_contact(cell)


@pytest.mark.parametrize("cell", ["", "FALSE", "no", "0", "N/A", "null"])
def test_an_opt_out_cell_may_say_no(cell: str) -> None:
    assert not says_no_contact(cell)
    assert is_true(cell) is False


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("2008-12-02", True),
        ("2008-12-01", False),
        ("17", True),
        ("18", False),
        ("0", False),
        ("2030-01-01", False),
        ("", False),
        ("n/a", False),
    ],
)
def test_of_a_birthdate_only_under_18_is_told(cell: str, *, minor: bool) -> None:
    assert is_minor(cell, TODAY) is minor


def test_words_are_mapped_whatever_their_case() -> None:
    assert meaning("status", "Member in  Good Standing") == "good_standing"
    assert meaning("status", "EXPIRED") == "lapsed"
    assert meaning("status", "comrade") is None
    assert read_language("Español") == "es"
    assert read_language("Klingon / Spanish") == "es"
    assert read_language("Klingon") is None


def test_cells_are_cleaned_of_what_spreadsheets_add() -> None:
    assert clean("  Ana \n María ") == "Ana María"
    assert clean("'+12135550101") == "+12135550101"
    assert clean("'tis") == "'tis"
    assert read_list("Housing; Labor, Housing|") == ["Housing", "Labor"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("la_membership_list_20231227", date(2023, 12, 27)),
        ("members-2023-12-27-final", date(2023, 12, 27)),
        ("members_20239999", None),
        ("members 120231227", None),
        ("members", None),
    ],
)
def test_a_file_name_tells_the_day_of_its_list(name: str, day: date | None) -> None:
    assert day_in_name(name) == day
