"""What RQ runs for conversations. Each may run twice, late or never: it only looks again."""

from outreach import clock
from outreach.conversations.firing import fire_timer
from outreach.conversations.timers import FIRE, due_timer_ids
from outreach.conversations.turn import RETRY, retry_text, waiting_inbound
from outreach.database import transaction
from outreach.process import current
from outreach.queues import job
from outreach.texting.outbox import DRAIN

BATCH = 100


@job
def fire_timers(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Fire the timers that are due, some at a time, so that answers to members never wait long."""
    process, now = current(), clock.now()
    process.waker.looking(FIRE)
    with transaction() as session:
        due = due_timer_ids(session, now, BATCH)
    for timer_id in due:
        fire_timer(process.settings, timer_id, now)
    if due:
        process.wake(DRAIN)
    if len(due) == BATCH:
        process.wake(FIRE)


@job
def retry_inbound(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Let texts whose turn failed, or never came, take it now."""
    process, now = current(), clock.now()
    process.waker.looking(RETRY)
    with transaction() as session:
        waiting = waiting_inbound(session, now, BATCH)
    for text_id, phone in waiting:
        retry_text(process.settings, text_id, phone, now)
    if waiting:
        process.wake(DRAIN)
