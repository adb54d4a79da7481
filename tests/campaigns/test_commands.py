import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent
from outreach.campaigns.models import Campaign
from outreach.cli import outreach
from outreach.database import make_engine
from outreach.errors import OutreachError
from tests.factories import NOW, make_person, make_session, seed

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    for name, value in {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "s" * 40,
        "SUPPRESSION_KEY": "k" * 40,
        "VAR_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    with time_machine.travel(NOW):
        yield lambda *words: CliRunner().invoke(outreach, list(map(str, words)))


@pytest.fixture
def gathering(database_url: str) -> int:
    """A session to offer, with the flows seeded and a person to ask."""
    with opened(database_url) as session, session.begin():
        seed(session)
        make_person(session)
        return make_session(session).id


@contextmanager
def opened(database_url: str) -> Iterator[Session]:
    engine = make_engine(database_url, pool_size=1)
    with Session(engine) as session:
        yield session
    engine.dispose()


def done(result: Result) -> str:
    assert result.exception is None, result.exception
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def refused(result: Result) -> str:
    """What a command that failed says: click's own complaint, or ours as `outreach` prints it."""
    assert result.exit_code != 0
    return str(result.exception) if isinstance(result.exception, OutreachError) else result.stderr


def launched(run: Run, gathering: int, *words: str) -> str:
    return done(run("campaign", "launch", "invite", "--to", "everyone", "--session", gathering, *words))


def shown(run: Run, campaign: str) -> dict[str, object]:
    figures: dict[str, object] = json.loads(done(run("campaign", "show", campaign, "--json")))
    return figures


def test_a_launch_prints_the_id_alone(run: Run, gathering: int) -> None:
    campaign = launched(run, gathering)
    assert campaign.isdecimal()
    figures = shown(run, campaign)
    assert (figures["id"], figures["flow"], figures["state"]) == (int(campaign), "invite", "scheduled")


def test_a_campaign_is_launched_although_redis_is_away(
    run: Run, gathering: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert launched(run, gathering).splitlines()[-1].isdecimal()


def test_a_campaign_is_shown_for_people_too(run: Run, gathering: int) -> None:
    lines = done(run("campaign", "show", launched(run, gathering))).splitlines()
    assert ["state", "scheduled"] in [line.split() for line in lines]
    assert ["paused_because"] in [line.split() for line in lines]


def test_a_name_a_sender_and_an_hour_are_kept(run: Run, gathering: int, database_url: str) -> None:
    words = ("--name", "Winter", "--sender", "Luz", "--at", "2026-12-05T17:30", "--session", str(gathering))
    campaign = launched(run, gathering, *words)
    with opened(database_url) as session:
        row = session.get_one(Campaign, int(campaign))
    assert (row.name, row.sender_name, row.offer["sessions"]) == ("Winter", "Luz", [gathering])
    assert row.starts_at.isoformat() == "2026-12-06T01:30:00+00:00"


def test_an_hour_with_an_offset_is_that_hour(run: Run, gathering: int, database_url: str) -> None:
    campaign = launched(run, gathering, "--at", "2026-12-05T17:30+00:00")
    with opened(database_url) as session:
        assert session.get_one(Campaign, int(campaign)).starts_at.isoformat() == "2026-12-05T17:30:00+00:00"


def test_pausing_resuming_and_cancelling_are_seen_and_in_the_audit_trail(
    run: Run, gathering: int, database_url: str
) -> None:
    campaign = launched(run, gathering)
    states = [shown(run, campaign)["state"]]
    for act in ("pause", "resume", "cancel"):
        assert not done(run("campaign", act, campaign))
        states.append(shown(run, campaign)["state"])
    assert states == ["scheduled", "paused", "scheduled", "cancelled"]
    with opened(database_url) as session:
        assert len(session.scalars(select(AuditEvent)).all()) == 4


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("launch", "invite", "--to", "everybody"), "There is no segment “everybody”"),
        (("launch", "invit", "--to", "everyone"), "There is no flow “invit”"),
        (("launch", "invite", "--to", "everyone"), "none is named"),
        (("launch", "invite", "--to", "everyone", "--session", "999999"), "Session 999999 is not open"),
        (("launch", "reminder", "--to", "everyone"), "is sent by itself"),
        (("launch", "invite", "--to", "everyone", "--words", "first_action"), "--words is not NAME=WORDS"),
        (("launch", "invite", "--to", "everyone", "--words", "sender.fr=Luz"), "first_action.es=… for Spanish alone"),
        (("launch", "invite", "--to", "everyone", "--words", "sender=Luz"), "No text of “invite” holds {sender}"),
        (("launch", "invite", "--to", "everyone", "--at", "tomorrow"), "--at is not a time. Write it as 2026-12-01"),
        (("show", "999999"), "There is no campaign 999999"),
        (("pause", "999999"), "There is no campaign 999999"),
        (("cancel", "999999"), "There is no campaign 999999"),
    ],
)
def test_what_cannot_be_done_says_why(run: Run, gathering: int, words: tuple[str, ...], complaint: str) -> None:
    assert gathering
    assert complaint in refused(run("campaign", *words))


@pytest.mark.parametrize("words", [("launch", "invite"), ("launch", "--to", "everyone"), ("show", "one"), ("show",)])
def test_wrong_use_is_exit_status_2(run: Run, words: tuple[str, ...]) -> None:
    assert run("campaign", *words).exit_code == 2
