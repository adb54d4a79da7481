"""The sweeps: whatever waits is found in PostgreSQL, whether or not Redis is there."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach import clock, process, sweeping
from outreach.conversations.media import DELETE
from outreach.conversations.models import Conversation, ConversationState, Enrolment, FlowVersion, TaskKind, Timer
from outreach.conversations.polling import POLL
from outreach.conversations.tasks import call_task
from outreach.conversations.timers import FIRE
from outreach.conversations.turn import RETRY
from outreach.people.models import PhoneNumber
from outreach.process import Process
from outreach.sweeping import WORK, Work, do_chores, heartbeat_age, sweep, waiting_counts
from outreach.texting.gates import ALL, close_gate
from outreach.texting.models import DeliveryEvent, TextStatus
from outreach.texting.outbox import DRAIN
from outreach.texting.settling import IN_FLIGHT, SETTLE
from tests.factories import make_campaign, make_person, make_session, make_settings, seed
from tests.test_app import make_app
from tests.texting.factories import claimed_text, make_text

MINUTE = timedelta(minutes=1)


class CountingWaker:
    """Redis, there or away, that remembers what was woken."""

    def __init__(self, *, there: bool) -> None:
        self.there, self.woken = there, list[str]()

    def wake(self, job: str, rest: float = 0.0) -> bool:  # noqa: ARG002 - the waker's form
        self.woken.append(job)
        return self.there

    def looking(self, job: str) -> None:
        del job

    def failed_jobs(self, since: datetime) -> int | None:
        del since
        return 3


@pytest.fixture
def began(session: Session, monkeypatch: pytest.MonkeyPatch) -> Process:
    assert session.is_active
    running = Process(make_settings(), None, CountingWaker(there=True))  # type: ignore[arg-type] # neither is used
    monkeypatch.setattr(process, "_current", running)
    return running


def woken(running: Process) -> list[str]:
    waker: Any = running.waker
    return list(waker.woken)


def leave_work(session: Session, now: datetime) -> None:
    """Leave one of each kind of work that somebody was to do a minute ago and did not."""
    ago = now - MINUTE
    make_text(session, now=ago)
    claimed_text(session, now=now - IN_FLIGHT - MINUTE)
    make_text(session, now=ago, status=TextStatus.UNKNOWN, settle_at=ago)
    make_text(session, now=ago, status=TextStatus.RECEIVED, retry_at=ago)
    session.add(DeliveryEvent(text_id=None, sid="SM1", status="sent", received_at=ago))
    person = make_person(session, phone="+12135550101")
    make_campaign(session, sessions=(make_session(session, starts_at=now + timedelta(days=9)).id,), now=ago)
    session.add(Enrolment(person_id=person.id, flow="invite", key="k", due_at=ago, created_at=ago))
    session.flush()


def test_work_that_nobody_was_woken_for_is_found_and_somebody_is_woken(session: Session, began: Process) -> None:
    now = clock.now()
    leave_work(session, now)
    kinds = {"unhandled_inbound", "callbacks", "due_texts", "lost_claims", "unknown_texts", "campaigns", "enrolments"}
    counts = waiting_counts(session, began.settings, now)
    assert {name for name, count in counts.items() if count} == kinds
    sweep(began)
    assert set(woken(began)) == {work.job for work in WORK if work.name in kinds}
    assert {RETRY, DRAIN, SETTLE} <= set(woken(began))


def test_what_waits_behind_a_closed_gate_or_is_not_due_wakes_nobody(session: Session, began: Process) -> None:
    now = clock.now()
    make_text(session, now=now, due_at=now + MINUTE)
    make_text(session, now=now - MINUTE, gate="campaign:1")
    claimed_text(session, now=now)
    make_text(session, now=now, status=TextStatus.UNKNOWN, settle_at=now + MINUTE)
    close_gate(session, "campaign:1", "ana@example.org", "lunch", now)
    session.flush()
    sweep(began)
    assert woken(began) == []
    close_gate(session, ALL, "ana@example.org", "stop", now)
    make_text(session, now=now - MINUTE)
    session.flush()
    sweep(began)
    assert woken(began) == []


def test_where_redis_is_away_cron_does_the_work_itself(
    session: Session, monkeypatch: pytest.MonkeyPatch, began: Process
) -> None:
    away = Process(began.settings, began.engine, CountingWaker(there=False))  # type: ignore[arg-type] # as above
    monkeypatch.setattr(process, "_current", away)
    done: list[str] = []
    monkeypatch.setattr(sweeping, "_do_here", done.append)
    make_text(session, now=clock.now() - MINUTE)
    session.flush()
    sweep(away)
    assert done == [DRAIN]


def test_one_look_that_fails_keeps_the_others_from_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch, began: Process
) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError

    broken = Work("broken", fail, "never")
    monkeypatch.setattr(sweeping, "WORK", (broken, *WORK))
    make_text(session, now=clock.now() - MINUTE)
    session.flush()
    sweep(began)
    assert woken(began) == [DRAIN]
    assert heartbeat_age(session, clock.now()) is not None


def test_a_timer_that_is_due_is_found(session: Session, began: Process) -> None:
    now = clock.now()
    seed(session)
    conversation = Conversation(
        number_id=make_text(session, now=now, due_at=now + MINUTE).number_id,
        flow="invite",
        flow_version_id=session.scalars(select(FlowVersion.id)).first(),
        state=ConversationState.LIVE,
        step="invite",
        started_at=now,
    )
    session.add(conversation)
    session.flush()
    session.add(Timer(conversation_id=conversation.id, turn=1, name="silence:0", due_at=now - MINUTE))
    session.flush()
    sweep(began)
    assert woken(began) == [FIRE]


def test_metrics_tell_of_waiting_work_of_cron_and_of_failed_jobs(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    make_text(session, now=now - MINUTE)
    sweeping.beat(now - MINUTE)
    session.flush()
    app = make_app(monkeypatch)
    monkeypatch.setattr(process.current().waker.__class__, "failed_jobs", lambda *_: 3, raising=False)
    page = app.test_client().get("/metrics").get_data(as_text=True)
    assert 'outreach_waiting{work="due_texts"} 1.0' in page
    assert "outreach_failed_jobs 3.0" in page
    age = next(line for line in page.splitlines() if line.startswith("outreach_cron_heartbeat_age_seconds "))
    assert 60 <= float(age.split()[1]) < 120


def test_the_chores_ask_twilio_for_lost_texts_and_take_unwanted_calls_off_the_list(
    session: Session, began: Process
) -> None:
    person = make_person(session, phone="+12135550101")
    call = call_task(session, person, "ask them", clock.now(), clock.now() - MINUTE)
    session.execute(update(PhoneNumber).values(calls_opted_out_at=clock.now()))
    session.flush()
    do_chores(began)
    assert {POLL, DRAIN, DELETE} <= set(woken(began))
    session.expire_all()
    assert call.kind == TaskKind.OTHER
