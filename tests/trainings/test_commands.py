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
from outreach.trainings.models import RsvpStatus
from outreach.trainings.rsvps import answer
from outreach.trainings.seed import seed_catalogue
from tests.trainings.factories import NOW, make_people

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
    with_catalogue(database_url)
    yield lambda *words: CliRunner().invoke(outreach, list(words))
    clock.set_offset(timedelta(0))


def with_catalogue(database_url: str) -> None:
    engine = make_engine(database_url)
    with Session(engine) as session, session.begin():
        seed_catalogue(session, NOW)
    engine.dispose()


def done(result: Result) -> str:
    assert result.exception is None, result.exception
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def refused(result: Result) -> str:
    """What a command that failed says: click's own complaint, or ours as `outreach` prints it."""
    assert result.exit_code != 0
    return str(result.exception) if isinstance(result.exception, OutreachError) else result.stderr


def first_training(run: Run) -> str:
    return str(json.loads(done(run("training", "list", "--json")))[0]["id"])


def add(run: Run, **options: str) -> Result:
    given = {"training": first_training(run), "starts": "2026-12-12T10:00", "minutes": "180", "place": "Example Hall"}
    words = [word for name, value in {**given, "capacity": "20", **options}.items() for word in (f"--{name}", value)]
    return run("session", "add", *words)


def listed(run: Run, *words: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(done(run("session", "list", "--json", *words)))
    return rows


def test_the_catalogue_is_listed_fundamentals_first_and_takes_new_trainings(run: Run) -> None:
    rows = json.loads(done(run("training", "list", "--json")))
    assert rows[0]["level"] == "fundamentals"
    added = done(run("training", "add", "Marshal training", "--level", "intermediate"))
    assert added.isdigit()
    assert {"id": int(added), "title": "Marshal training", "level": "intermediate"}.items() <= next(
        row for row in json.loads(done(run("training", "list", "--json"))) if row["id"] == int(added)
    ).items()
    assert "Marshal training" in done(run("training", "list"))


def test_a_training_of_the_same_title_is_noted_on_standard_error(run: Run) -> None:
    result = run("training", "add", "canvassing", "--level", "fundamentals")
    assert done(result).isdigit()
    assert "has the same title" in result.stderr


@pytest.mark.parametrize("words", [("Marshals", "--level", "expert"), (" ", "--level", "advanced"), ("Marshals",)])
def test_a_training_without_title_or_level_is_refused(run: Run, words: tuple[str, ...]) -> None:
    assert refused(run("training", "add", *words))


def test_adding_a_session_prints_its_id_alone_and_lists_it_in_the_chapters_zone(run: Run) -> None:
    added = done(add(run))
    assert added.isdigit()
    (row,) = listed(run)
    assert (row["id"], row["capacity"], row["training"]) == (int(added), 20, "Organizing conversations")
    assert (row["starts_at"], row["place"]) == ("2026-12-12T10:00:00-08:00", "Example Hall")
    assert "Example Hall" in done(run("session", "list"))


def test_an_offset_and_a_zone_are_heeded(run: Run) -> None:
    done(add(run, starts="2026-12-12T10:00Z"))
    done(add(run, starts="2026-12-12T10:00", timezone="America/New_York"))
    assert [row["starts_at"] for row in listed(run)] == ["2026-12-12T02:00:00-08:00", "2026-12-12T10:00:00-05:00"]


@pytest.mark.parametrize(
    ("options", "mend"),
    [
        ({"starts": "2026-11-01T10:00"}, "Give a start that is still to come"),
        ({"starts": "tomorrow"}, "Write it as"),
        ({"starts": "2027-03-14T02:30"}, "Give an hour after it, such as 03:30"),
        ({"minutes": "0"}, "Give its length"),
        ({"minutes": "-5"}, "Give its length"),
        ({"minutes": "long"}, "not a valid integer"),
        ({"capacity": "0"}, "Give the number of seats"),
        ({"timezone": "America/Nowhere"}, "Name one of the IANA list"),
        ({"training": "987654"}, "outreach training list"),
        ({"training": "9" * 30}, "not in the range"),
        ({"place": ""}, "Give a place or a link"),
    ],
)
def test_a_session_that_cannot_be_is_refused_with_the_mend(run: Run, options: dict[str, str], mend: str) -> None:
    assert mend in refused(add(run, **options))
    assert listed(run, "--all") == []


def test_of_an_hour_that_happens_twice_the_first_is_taken_and_said(run: Run) -> None:
    result = add(run, starts="2027-11-07T01:30")
    assert done(result).isdigit()
    assert "happens twice" in result.stderr
    assert listed(run)[0]["starts_at"] == "2027-11-07T01:30:00-07:00"


def test_a_session_is_moved_in_its_own_zone_and_cancelled(run: Run) -> None:
    added = done(add(run, timezone="America/New_York"))
    done(run("session", "move", added, "--starts", "2026-12-19T18:30", "--place", "Another Hall"))
    (row,) = listed(run)
    assert (row["starts_at"], row["place"]) == ("2026-12-19T18:30:00-05:00", "Another Hall")
    done(run("session", "cancel", added))
    assert listed(run) == []
    assert [row["state"] for row in listed(run, "--all")] == ["cancelled"]
    assert "Add a new one" in refused(run("session", "move", added, "--minutes", "60"))


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("move", "987654", "--minutes", "60"), "outreach session list"),
        (("move", "987654"), "Nothing was given"),
        (("cancel", "987654"), "outreach session list"),
        (("cancel", "x"), "not a valid integer"),
    ],
)
def test_moving_or_cancelling_what_is_none_is_refused(run: Run, words: tuple[str, ...], mend: str) -> None:
    assert mend in refused(run("session", *words))


def test_rsvps_are_exported_for_a_spreadsheet(run: Run, database_url: str, tmp_path: Path) -> None:
    gathering = int(done(add(run)))
    engine = make_engine(database_url)
    with Session(engine) as session, session.begin():
        answer(session, make_people(session, 1)[0], gathering, RsvpStatus.YES, now=NOW)
    done(run("rsvps", "export", str(tmp_path / "rsvps.csv")))
    assert (tmp_path / "rsvps.csv").read_bytes().startswith(b"\xef\xbb\xbfperson_id,")
    with (tmp_path / "rsvps.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["yes"]
    with Session(engine) as session:
        acts = list(session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)))
    engine.dispose()
    assert acts == ["session.add", "rsvps.export"]


def test_an_export_to_where_nothing_can_be_written_is_refused(run: Run, tmp_path: Path) -> None:
    assert "Name another file" in refused(run("rsvps", "export", str(tmp_path / "no" / "such" / "folder.csv")))
