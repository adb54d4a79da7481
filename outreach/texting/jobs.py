"""What RQ runs for texting. Each may run twice, late or never: it only looks again."""

import functools

from outreach import clock
from outreach.database import transaction
from outreach.process import current
from outreach.queues import job
from outreach.texting.deactivations import REST
from outreach.texting.deactivations import rest_deactivated as rest_numbers_of
from outreach.texting.delivery import APPLY, BATCH, apply_events
from outreach.texting.outbox import DRAIN
from outreach.texting.sending import Drainer
from outreach.texting.settling import SETTLE
from outreach.texting.settling import settle as settle_unknown
from outreach.texting.twilio import make_client


@functools.cache
def drainer() -> Drainer:
    """Return this process's drainer, with its client and threads."""
    settings = current().settings
    return Drainer(settings, make_client(settings))


@job
def drain(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Send what is due, and come back when there is more."""
    current().begin(DRAIN)
    if drainer().run_slice():
        current().wake(DRAIN)


@job
def apply_deliveries(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Apply stored status callbacks until none is left."""
    current().begin(APPLY)
    taken = BATCH
    while taken == BATCH:
        with transaction() as session:
            taken = apply_events(session, clock.now())


@job
def rest_deactivated(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Let numbers rest that carriers have taken back."""
    now = current().begin(REST)
    rest_numbers_of(make_client(current().settings), now)


@job
def settle(version: int) -> None:  # noqa: ARG001 - the one form so far
    """Find out what became of some unknown texts, and come back for more once others had their turn."""
    current().begin(SETTLE)
    settings = current().settings
    if settle_unknown(settings, make_client(settings)):
        current().wake(SETTLE)
