import csv
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach import clock
from outreach.accounts.models import AuditEvent
from outreach.cli import outreach
from outreach.database import make_engine
from outreach.errors import OutreachError
from tests.people.factories import NOW
from tests.people.lists import NATIONAL, ROW, write_list

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    for name, value in {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "s" * 40,
        "SUPPRESSION_KEY": "k" * 40,
        "VAR_DIR": str(tmp_path),
        "ORG_TIMEZONE": "America/Los_Angeles",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    clock.set_offset(NOW - clock.now())
    yield lambda *words: CliRunner().invoke(outreach, [str(word) for word in words])
    clock.set_offset(timedelta(0))


def done(result: Result) -> str:
    assert result.exception is None, result.exception
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def failed(result: Result) -> str:
    """Return what a command that failed says: click's own complaint, or ours as `outreach` prints it."""
    assert result.exit_code != 0
    return str(result.exception) if isinstance(result.exception, OutreachError) else result.stderr


def imported(run: Run, path: Path, *options: str) -> dict[str, object]:
    report: dict[str, object] = json.loads(done(run("people", "import", path, "--json", *options)))
    return report


def test_a_list_is_imported_counted_exported_and_taken_back(run: Run, tmp_path: Path) -> None:
    path = write_list(tmp_path / "members.csv", [NATIONAL, {**ROW, "first_name": "Beto", "mobile_phone": "1"}])
    report = imported(run, path, "--consent", "agreed when joining")
    assert (report["rows"], report["created"], report["rejected"], report["not_textable"]) == (2, 1, 1, 0)
    assert (tmp_path / "members.rejected.csv").exists()
    assert done(run("segment", "count", "everyone")) == "1"
    assert "everyone" in done(run("segment", "list"))
    assert json.loads(done(run("segment", "list", "--json")))["contact"] == 1
    done(run("people", "export", "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["phone"], row["textable"], row["segment"]) == ("+12135550101", "true", "contact")
    assert json.loads(done(run("people", "undo", report["import_id"], "--json")))["deleted"] == 1
    assert done(run("segment", "count", "everyone")) == "0"


def test_a_dry_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    path = write_list(tmp_path / "members.csv", [NATIONAL])
    assert imported(run, path, "--dry-run", "--consent", "joined")["created"] == 1
    assert imported(run, path, "--consent", "joined")["created"] == 1


def test_the_report_is_told_in_words_too(run: Run, tmp_path: Path) -> None:
    path = write_list(tmp_path / "members.csv", [{**ROW, "race": "", "mobile_phone": "213-555-0101"}])
    result = run("people", "import", path, "--source", "Tabling")
    assert "of “Tabling”" in done(result)
    assert "left out: race" in result.stdout
    assert "Note: the list has no column for opting out of texts" in result.stderr
    assert "1 people deleted" in done(run("people", "undo", "1"))


def test_a_list_of_which_no_row_comes_in_fails(run: Run, tmp_path: Path) -> None:
    path = write_list(tmp_path / "members.csv", [{**ROW, "mobile_phone": "1"}])
    assert "no row of the list could be imported" in failed(run("people", "import", path))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("people", "import", "nowhere.csv"), "does not exist"),
        (("people", "undo", "999"), "there is no import 999"),
        (("people", "export", "nowhere/out.csv"), "cannot be written"),
        (("segment", "count", "comrades"), "is not one of"),
        (("segment", "count", "unreachable"), "is not one of"),
    ],
)
def test_wrong_use_is_told_what_is_wrong(run: Run, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in failed(run(*words))


def test_the_operators_acts_are_in_the_audit_trail(run: Run, tmp_path: Path, database_url: str) -> None:
    report = imported(run, write_list(tmp_path / "members.csv", [NATIONAL]))
    done(run("people", "export", "out.csv"))
    done(run("people", "undo", report["import_id"]))
    engine = make_engine(database_url)
    with Session(engine) as session:
        acts = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        assert [act.act for act in acts] == ["people import", "people export", "people undo"]
        assert not any(NATIONAL["last_name"] in str(act.details) for act in acts)
    engine.dispose()
