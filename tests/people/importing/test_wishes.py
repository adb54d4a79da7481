from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.consent import opt_in_number, was_opted_out
from outreach.people.models import (
    ConsentEvent,
    PhoneNumber,
)
from tests.people.factories import KEY, NOW
from tests.people.lists import NATIONAL, PHONE, ROW, do_import, imported, textable, write_list


def test_opted_out_of_texts_is_never_texted_and_still_called(session: Session, tmp_path: Path) -> None:
    standing = imported(session, tmp_path, {**NATIONAL, "p2ptext_optout": "TRUE"}, consent="joined")
    assert (standing.reach, standing.callable) == ("opted_out", True)
    assert was_opted_out(session, PHONE, KEY)


def test_do_not_call_is_never_called_and_still_texted(session: Session, tmp_path: Path) -> None:
    standing = imported(session, tmp_path, {**NATIONAL, "do_not_call": "TRUE"}, consent="joined")
    assert (standing.reach, standing.callable) == ("textable", False)


def test_a_list_without_a_text_opt_out_column_warns(session: Session, tmp_path: Path) -> None:
    report = do_import(session, write_list(tmp_path / "members.csv", [ROW]), consent="joined")
    assert any("no column for opting out" in warning for warning in report.warnings)
    report = do_import(session, write_list(tmp_path / "members.csv", [NATIONAL]), consent="joined")
    assert report.warnings == []


def test_lists_only_ever_add_opt_outs(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**NATIONAL, "p2ptext_optout": "TRUE", "do_not_call": "TRUE"})
    standing = imported(session, tmp_path, NATIONAL, consent="joined")
    assert (standing.reach, standing.callable) == ("opted_out", False)


def test_an_opt_out_counts_for_the_numbers_we_knew_before(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**NATIONAL, "mobile_phone": "2135550102"}, consent="joined")
    standing = imported(session, tmp_path, {**NATIONAL, "p2ptext_optout": "x"})
    assert standing.reach == "opted_out"
    assert was_opted_out(session, "+12135550102", KEY)


def test_a_start_since_then_stands_against_the_same_list(session: Session, tmp_path: Path) -> None:
    row = {**NATIONAL, "p2ptext_optout": "FALSE"}
    imported(session, tmp_path, {**row, "p2ptext_optout": "TRUE"})
    number = session.scalars(select(PhoneNumber)).one()
    opt_in_number(session, number, source="text", now=NOW, key=KEY)
    assert imported(session, tmp_path, row).reach == "textable"


def test_without_consent_nobody_becomes_textable(session: Session, tmp_path: Path) -> None:
    standing = imported(session, tmp_path, NATIONAL)
    assert (standing.reach, standing.callable, textable(session)) == ("no_consent", True, 0)
    assert imported(session, tmp_path, NATIONAL, consent="joined").reach == "textable"
    line = session.scalars(select(ConsentEvent)).one()
    assert (line.wording, line.at) == ("joined", NOW)


@pytest.mark.parametrize(
    ("status", "reach"),
    [
        ("subscribed", "textable"),
        ("unsubscribed", "opted_out"),
        ("bouncing", "opted_out"),
        ("", "no_consent"),
        ("not subscribed", "no_consent"),
    ],
)
def test_consent_is_not_for_those_whom_the_list_does_not_call_subscribed(
    session: Session, tmp_path: Path, status: str, reach: str
) -> None:
    assert imported(session, tmp_path, {**ROW, "can2_sms_status": status}, consent="joined").reach == reach
