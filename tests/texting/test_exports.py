import csv
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from outreach.people.exports import write_csv
from outreach.texting.exports import TEXT_COLUMNS, iso, text_rows
from outreach.texting.models import ProviderId, TextStatus
from tests.texting.factories import MINUTE, NOW, SENDER, make_text, textable_number

ZONE = ZoneInfo("America/Los_Angeles")
COLUMNS = (
    "id, direction, person_id, phone, sender, body, segments, status, error_code, campaign_id, conversation_id, "
    "queued_at, sent_at, final_at, provider_sid"
)


def rows_of(session: Session, path: Path) -> list[dict[str, str]]:
    write_csv(path, TEXT_COLUMNS, text_rows(session, ZONE))
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_columns_are_those_that_others_rely_on() -> None:
    assert ", ".join(TEXT_COLUMNS) == COLUMNS


def test_an_outgoing_text_has_its_times_in_the_chapters_zone(session: Session, tmp_path: Path) -> None:
    number = textable_number(session, "+12135550150")
    text = make_text(session, number, status=TextStatus.DELIVERED, campaign_id=3)
    text.sent_at, text.final_at = NOW + MINUTE, NOW + 2 * MINUTE
    session.add(ProviderId(sid="SM1", text_id=text.id))
    session.flush()
    [row] = rows_of(session, tmp_path / "texts.csv")
    assert row == dict.fromkeys(TEXT_COLUMNS, "") | {
        "id": str(text.id),
        "direction": "out",
        "phone": "+12135550150",
        "sender": SENDER,
        "body": "Hola",
        "segments": "1",
        "status": "delivered",
        "campaign_id": "3",
        "queued_at": "2026-12-02T10:00:00-08:00",
        "sent_at": "2026-12-02T10:01:00-08:00",
        "final_at": "2026-12-02T10:02:00-08:00",
        "provider_sid": "SM1",
    }


def test_a_text_that_came_in_has_no_time_in_the_queue(session: Session, tmp_path: Path) -> None:
    make_text(session, direction="in", status=TextStatus.HANDLED)
    [row] = rows_of(session, tmp_path / "texts.csv")
    assert (row["direction"], row["status"], row["queued_at"]) == ("in", "handled", "")
    assert row["sent_at"] == "2026-12-02T10:00:00-08:00"


def test_a_text_with_two_ids_is_one_row(session: Session, tmp_path: Path) -> None:
    text = make_text(session, status=TextStatus.SENT)
    session.add_all([ProviderId(sid="SM2", text_id=text.id), ProviderId(sid="SM1", text_id=text.id)])
    session.flush()
    assert [row["provider_sid"] for row in rows_of(session, tmp_path / "texts.csv")] == ["SM1"]


def test_rows_come_in_the_order_of_their_ids_and_words_stay_as_they_are(session: Session, tmp_path: Path) -> None:
    bodies = ["first, with a comma", 'second "quoted"', "third\nof two lines", "cuarto ¿sí? 😀"]
    for body in bodies:
        make_text(session, body=body)
    assert [row["body"] for row in rows_of(session, tmp_path / "texts.csv")] == bodies


def test_a_body_that_a_spreadsheet_would_run_is_made_harmless(session: Session, tmp_path: Path) -> None:
    make_text(session, body='=HYPERLINK("http://example.org","win")')
    [row] = rows_of(session, tmp_path / "texts.csv")
    assert row["body"].startswith("'=")


def test_no_time_is_an_empty_cell() -> None:
    assert iso(None, ZONE) == ""
