from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from outreach import clock, doctor, process
from outreach.doctor import Finding
from outreach.queues import Waker, hint_connection
from outreach.settings import Settings
from outreach.sweeping import beat
from outreach.texting.gates import ALL, close_gate
from outreach.texting.models import TextStatus
from outreach.texting.pace import lock_paces, rest_campaigns
from outreach.texting.reactions import CODES
from tests.texting.factories import SENDER, make_settings, make_text


def found(check: Callable[[Settings], Iterator[Finding]], **settings: object) -> dict[str, str | None]:
    return {finding.about: finding.mend for finding in check(make_settings(**settings))}


def test_the_table_of_codes_has_a_line_for_each_with_its_reaction() -> None:
    lines = CliRunner().invoke(doctor.doctor, ["--codes"]).output.splitlines()
    told = {int(line.split()[0]): line.split()[1] for line in lines if line[:1].isdigit()}
    assert told == {row.code: row.reaction for row in CODES}
    assert "30007  CONTENT  filtered as spam (the campaign is paused above 2% of its texts)" in lines
    assert "30023  SLOW     10DLC daily cap reached (campaigns rest until 00:00 Pacific)" in lines
    assert "30410  SOFT     carrier timed out: it may have arrived (sent again after 12 h)" in lines


@pytest.mark.usefixtures("session")
def test_texts_that_may_leave_need_nothing() -> None:
    assert found(doctor._stopped) == {"texts may leave": None}


def test_stop_all_is_told_with_its_reason(session: Session) -> None:
    close_gate(session, ALL, "twilio", "Twilio error 20003: credentials are wrong", clock.now())
    [mend] = found(doctor._stopped).values()
    assert mend is not None
    assert "Twilio error 20003: credentials are wrong" in mend


def test_a_campaign_that_an_error_code_paused_is_told_with_its_reason(session: Session) -> None:
    close_gate(session, "campaign:4", "twilio", "Twilio error 30034: number not registered", clock.now())
    close_gate(session, "campaign:5", "ana@example.org", "the hall is closed", clock.now())
    told = {about: mend for about, mend in found(doctor._stopped).items() if mend}
    assert told == {
        "campaign:4 is paused by twilio": "Twilio error 30034: number not registered. Mend it, then resume it"
    }


def test_a_used_up_cap_and_budget_are_told(session: Session) -> None:
    lock_paces(session, (SENDER,), 1.0, clock.now())
    rest_campaigns(session, clock.now() + timedelta(hours=3))
    told = found(doctor._stopped, monthly_budget="0.001")
    assert set(told) == {"texts may leave", "daily cap", "month's budget (0 segments left)"}
    assert all(told[about] for about in ("daily cap", "month's budget (0 segments left)"))


def test_a_cron_that_has_stopped_is_told(session: Session) -> None:
    silent = "cron does not run. Start `outreach cron`"
    assert found(doctor._cron) == {"cron heartbeat": silent}
    beat(clock.now())
    session.commit()
    assert found(doctor._cron) == {"cron heartbeat": None}
    beat(clock.now() - timedelta(minutes=10))
    session.commit()
    assert found(doctor._cron) == {"cron heartbeat": silent}


def test_codes_that_nobody_listed_are_told_for_somebody_to_look_up(session: Session) -> None:
    assert list(found(doctor._unlisted_codes).values()) == [None]
    for code in (30003, 39999, 39999):
        make_text(session, status=TextStatus.UNDELIVERED, error_code=code, final_at=clock.now())
    [mend] = found(doctor._unlisted_codes).values()
    assert mend is not None
    assert mend.startswith("39999 (2 texts): look them up")


def test_failed_jobs_are_told_and_redis_away_is_told_elsewhere(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    waker = Waker(hint_connection("redis://127.0.0.1:1/0"))
    monkeypatch.setattr(process, "_current", process.Process(make_settings(), engine, waker))
    assert found(doctor._jobs) == {}
    monkeypatch.setattr(waker, "failed_jobs", lambda _since: 2)
    assert found(doctor._jobs) == {
        "jobs (2 failed within a day)": (
            "2 failed in the last ten minutes. Look for `JobFailedError` in the workers' logs"
        )
    }
