import contextlib
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from outreach import database
from outreach.cli import outreach
from outreach.texting.gates import closed_gate
from tests.texting.factories import NOW, make_text

Call = Callable[..., Result]


@pytest.fixture
def call(database_url: str, redis_url: str, tmp_path: Path) -> Call:
    """Call the command line with this test's servers."""
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "s" * 32,
        "SUPPRESSION_KEY": "k" * 32,
        "VAR_DIR": str(tmp_path / "var"),
    }

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(outreach, arguments, env=settings, input=stdin, catch_exceptions=False)

    return run


@contextlib.contextmanager
def open_database(database_url: str) -> Iterator[Session]:
    """Yield a session that commits, and leave no connection behind."""
    engine = database.make_engine(database_url)
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()


def test_stop_all_closes_the_gate_and_resume_all_opens_it(call: Call, database_url: str) -> None:
    assert call("stop-all", "--because", "wrong words").exit_code == 0
    with open_database(database_url) as session:
        gate = closed_gate(session)
        assert gate is not None
        assert gate.because == "wrong words"
        assert gate.closed_by
    assert call("resume-all").exit_code == 0
    with open_database(database_url) as session:
        assert closed_gate(session) is None


def test_texts_are_exported(call: Call, database_url: str, tmp_path: Path) -> None:
    with open_database(database_url) as session:
        make_text(session, body="¿Vienes?", now=NOW)
    assert call("texts", "export", str(tmp_path / "texts.csv")).exit_code == 0
    with (tmp_path / "texts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["body"] for row in csv.DictReader(file)] == ["¿Vienes?"]


def test_segments_are_counted_from_standard_input(call: Call) -> None:
    answered = call("encode", stdin='{"text": "hola"}\nnonsense\n')
    assert answered.exit_code == 0
    assert answered.output.splitlines() == [
        '{"encoding": "GSM-7", "units": 4, "segments": 1}',
        '{"id": null, "error": "not a JSON object with \\"text\\"; write {\\"text\\": \\"...\\"}"}',
    ]
