import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.cli import outreach
from outreach.conversations.edited_models import EditedWording
from outreach.conversations.flow_files import SHIPPED, load_flow, shipped_flows
from outreach.conversations.models import Conversation, ConversationState, FlowVersion
from outreach.conversations.versions import seed_flows
from outreach.database import make_engine
from outreach.people.models import PhoneNumber
from tests.factories import NOW

PROGRAM = [sys.executable, "-c", "from outreach.cli import main; main()"]
SPOILT = (SHIPPED / "invite.yaml").read_text(encoding="utf-8").replace("    unclear:\n", "    unclaer:\n", 1)


@pytest.fixture
def flows_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "picnic.yaml").write_text(SPOILT, encoding="utf-8")
    return folder


def line_of(words: str) -> int:
    return next(place for place, line in enumerate(SPOILT.splitlines(), 1) if words in line)


def test_the_shipped_flows_pass_without_a_word() -> None:
    done = CliRunner().invoke(outreach, ["flows", "check", *map(str, sorted(SHIPPED.glob("*.yaml")))])
    assert (done.exit_code, done.output) == (0, "")


def test_a_complaint_is_one_line_on_standard_output_and_exit_status_1(flows_dir: Path) -> None:
    path = flows_dir / "picnic.yaml"
    done = CliRunner().invoke(outreach, ["flows", "check", str(path), str(SHIPPED / "invite.yaml")])
    assert done.exit_code == 1
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == (
        f"{path}:{line_of('unclaer')}: unknown key “unclaer”. Did you mean “unclear”?"
    )


def test_without_a_name_all_that_would_run_are_checked(flows_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWS_DIR", str(flows_dir))
    monkeypatch.setenv("VAR_DIR", str(flows_dir.parent))
    done = CliRunner().invoke(outreach, ["flows", "check"])
    assert done.exit_code == 1
    assert "picnic.yaml" in done.stdout
    assert "invite.yaml" not in done.stdout


def test_two_files_of_one_name_are_a_complaint(flows_dir: Path) -> None:
    twin = flows_dir / "invite.yaml"
    twin.write_text((SHIPPED / "invite.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    done = CliRunner().invoke(outreach, ["flows", "check", str(SHIPPED / "invite.yaml"), str(twin), str(twin)])
    assert (done.exit_code, done.stdout.count("bears the same name")) == (1, 2)
    assert done.stdout.startswith(f"{twin}:1: {SHIPPED}/invite.yaml bears the same name")


def test_a_file_that_is_not_there_is_a_complaint(tmp_path: Path) -> None:
    done = CliRunner().invoke(outreach, ["flows", "check", str(tmp_path / "nowhere.yaml")])
    assert done.exit_code == 1
    assert "cannot be read" in done.stdout


def test_a_bad_flow_file_stops_the_start_and_names_file_line_and_mend(flows_dir: Path, database_url: str) -> None:
    environment = {
        "PYTHONPATH": str(SHIPPED.parent),
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "s" * 40,
        "SUPPRESSION_KEY": "k" * 40,
        "FLOWS_DIR": str(flows_dir),
        "VAR_DIR": str(flows_dir.parent),
    }
    done = subprocess.run(
        [*PROGRAM, "migrate"],
        env={**os.environ, **environment},
        cwd=flows_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"picnic.yaml:{line_of('unclaer')}: unknown key “unclaer”. Did you mean “unclear”?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_spoilt_later_leaves_what_ran_before_running(flows_dir: Path, database_url: str) -> None:
    (flows_dir / "picnic.yaml").write_text(SPOILT.replace("unclaer", "unclear"), encoding="utf-8")
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "s" * 40,
        "SUPPRESSION_KEY": "k" * 40,
        "FLOWS_DIR": str(flows_dir),
        "VAR_DIR": str(flows_dir.parent),
    }
    assert CliRunner().invoke(outreach, ["migrate"], env=settings).exit_code == 0
    engine = make_engine(database_url)
    with Session(engine) as session:
        words = {"en": "Mine", "es": "Mío", "file_en": "As it was", "file_es": "Como era"}
        place = {"flow": "picnic", "step": "needs", "part": "text"}
        session.add(EditedWording(**place, **words, edited_by="luz@example.org", edited_at=NOW))
        session.commit()
    engine.dispose()
    (flows_dir / "picnic.yaml").write_text(SPOILT, encoding="utf-8")
    done = CliRunner().invoke(outreach, ["migrate"], env=settings)
    assert done.exit_code == 0
    assert f"picnic.yaml:{line_of('unclaer')}: unknown key “unclaer”" in done.stderr
    assert "the version from before goes on" in done.stderr
    assert "picnic: texts were changed in the web and now in the file. Choose between them at http" in done.stderr
    launched = CliRunner().invoke(outreach, ["campaign", "launch", "picnic", "--to", "everyone"], env=settings)
    assert "none is named. Add --session ID" in str(launched.exception)  # it is there, as it was


def run(*words: str, typed: str = "") -> str:
    done = CliRunner().invoke(outreach, ["flows", *words], input=typed)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def _without_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.mark.usefixtures("_without_database")
@pytest.mark.parametrize(
    ("lang", "typed", "said"),
    [
        ("en", "1\n0\n", ["< You're in: ", "= rsvp yes: booked", "= ended: booked"]),
        (
            "es",
            "= waitlisted\n2\n1\n0\n",
            ["= rsvp yes: waitlisted", "< Se llenó.", "= rsvp other: booked", "= ended: booked"],
        ),
        ("en", "qwzx\n\n\n\n", ["< Sorry, I didn't get that.", "+ ", "= ended: no_answer"]),
    ],
)
def test_a_flow_is_tried_in_the_terminal(lang: str, typed: str, said: list[str]) -> None:
    output = run("try", "invite", "--lang", lang, typed=typed)
    for words in said:
        assert words in output


@pytest.mark.usefixtures("_without_database")
def test_every_shipped_flow_is_drawn_whole() -> None:
    for name in sorted(path.stem for path in SHIPPED.glob("*.yaml")):
        svg = ET.fromstring(run("graph", name))  # noqa: S314 - our own drawing
        titles = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
        assert load_flow(SHIPPED / f"{name}.yaml").flow.steps.keys() <= titles


def test_a_graph_counts_who_stands_where_and_a_removed_step_is_complained_of(
    database_url: str, flows_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flows_dir / "picnic.yaml").unlink()
    shorter = (SHIPPED / "invite.yaml").read_text(encoding="utf-8").replace("invite_to_one", "only_one")
    (flows_dir / "invite.yaml").write_text(shorter, encoding="utf-8")
    engine = make_engine(database_url)
    with Session(engine) as session:
        seed_flows(session, shipped_flows(), NOW)
        version = session.scalars(select(FlowVersion).where(FlowVersion.flow == "invite")).one()
        for place in range(2):
            number = PhoneNumber(phone=f"+1213555017{place}", created_at=NOW)
            session.add(number)
            session.flush()
            session.add(
                Conversation(
                    number_id=number.id,
                    flow_version_id=version.id,
                    flow="invite",
                    state=ConversationState.LIVE,
                    step="invite_to_one",
                    offer={},
                    memory={},
                    started_at=NOW,
                )
            )
        session.commit()
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    monkeypatch.setenv("SUPPRESSION_KEY", "k" * 40)
    monkeypatch.setenv("VAR_DIR", str(flows_dir.parent))
    assert ">2</text>" in run("graph", "invite")
    monkeypatch.setenv("FLOWS_DIR", str(flows_dir))
    done = CliRunner().invoke(outreach, ["flows", "check"])
    assert done.exit_code == 1
    line = shorter.splitlines().index("steps:") + 1
    assert done.stdout == (
        f"{flows_dir}/invite.yaml:{line}: “invite_to_one” was taken out, and 2 people stand at it. "
        "Put it back until they are through\n"
    )
