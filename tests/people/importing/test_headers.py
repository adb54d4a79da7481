import json
from pathlib import Path

import pytest

from outreach.people.importing.headers import READ, columns, normalise_header, read_header
from outreach.people.importing.reading import BadList

HEADERS: dict[str, list[str]] = json.loads((Path(__file__).parents[2] / "data/people/headers.json").read_text())


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("Best Phone #", "best_phone"),
        ("YDSA Chapter", "ydsa_chapter"),
        ("Voter File VANID", "voter_file_vanid"),
        ("\u00bfTel\u00e9fono?", "telefono"),
        ("\ufeff First--Name: ", "first_name"),
        ("E-mail", "e_mail"),
    ],
)
def test_header_names_are_compared_in_one_form(written: str, normalised: str) -> None:
    assert normalise_header(written) == normalised


def test_no_name_means_two_fields() -> None:
    names = [name for entry in columns()["fields"].values() for name in entry["synonyms"]]
    assert len(names) == len(set(names))
    assert all(normalise_header(name) == name for name in names)
    assert set(columns()["fields"]) >= READ


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("dsa_national_2020", "dsa_national"),
        ("dsa_national_2021", "dsa_national"),
        ("dsa_national_2022", "dsa_national"),
        ("dsa_national_2023", "dsa_national"),
        ("dsa_national_weekly_worcester", "dsa_national"),
        ("action_network_export", "action_network"),
        ("mobilize_signups", "mobilize"),
        ("spoke_upload", "spoke"),
        ("van_everyaction_people", "van"),
        ("civicrm_contacts", "civicrm"),
        ("solidarity_tech_people", "solidarity_tech"),
    ],
)
def test_lists_are_recognised_in_any_column_order(name: str, system: str) -> None:
    assert read_header(HEADERS[name]).system == system
    assert read_header(HEADERS[name][::-1]).system == system


@pytest.mark.parametrize("name", ["mobilize_events", "van_contact_history"])
def test_a_list_without_telephones_is_refused_with_the_mend(name: str) -> None:
    with pytest.raises(BadList, match=r"no column of the list holds phone numbers.*Name the column"):
        read_header(HEADERS[name])


def test_sensitive_and_unknown_columns_are_left_out_and_listed() -> None:
    names = ["race", "Employer", "address1", "union_name", "DOB", "Work_Phone", "Shoe size", "mobile", "first_name"]
    header = read_header(names)
    assert header.left_out == tuple(names[:7])
    assert set(header.fields) == {"birthdate", "phone_mobile", "first_name"}


def test_a_column_can_be_kept_by_name() -> None:
    header = read_header(["mobile", "Shoe size", "race"], keep=["shoe_size"])
    assert header.kept == {"shoe_size": 1}
    assert header.left_out == ("race",)
    with pytest.raises(BadList, match="--keep"):
        read_header(["mobile"], keep=["hat size"])


def test_the_newer_id_of_two_is_tried_first() -> None:
    header = read_header(["DSA_ID", "AK_ID", "mobile"])
    assert header.fields["external_id"] == (1, 0)
    assert header.id_systems == ("actionkit", "dsa")


@pytest.mark.parametrize(
    ("names", "attendance"),
    [
        (["mobile", "event name", "date", "attended"], True),
        (["mobile", "event_name", "start", "status"], True),
        (["name", "phone", "date"], True),
        (HEADERS["mobilize_signups"], False),
        ([*HEADERS["mobilize_signups"], "status"], True),
        (["mobile", "status"], False),
        (["mobile", "attended"], False),
    ],
)
def test_attendance_lists_are_told_from_sign_ups(names: list[str], *, attendance: bool) -> None:
    assert read_header(names).is_attendance is attendance
