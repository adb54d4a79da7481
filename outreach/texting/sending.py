"""The drainer: claim, commit, call, record. The one place from which texts leave."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import structlog
from twilio.rest import Client

from outreach import clock
from outreach.database import transaction
from outreach.settings import Settings
from outreach.texting.claims import Claim, claim_due, release, stopped_claims
from outreach.texting.leases import give_back_lease, take_lease
from outreach.texting.models import TextStatus
from outreach.texting.outbox import next_due
from outreach.texting.pace import seconds_until_ready
from outreach.texting.recording import Sent, record
from outreach.texting.twilio import Outcome, Outgoing, send_text

log = structlog.get_logger()

LEASE = "drain"
LEASE_LENGTH = timedelta(seconds=6)
SLICE_SECONDS = 10.0
# An opt-out or stop-all must hold within a second of its commit.
CHECK_SECONDS = 0.2
RECORD_SECONDS = 0.2
RECORD_AT_MOST = 100
# A claim that waited longer goes back unsent: `settling` may by then look for it at Twilio.
CLAIM_SECONDS_TO_CALL = 10.0
LONGEST_NAP = 1.0


class Drainer:
    """Hands due texts of all senders to Twilio, in slices of at most ten seconds."""

    def __init__(self, settings: Settings, client: Client, failpoint: Callable[[str], None] | None = None) -> None:
        self._settings = settings
        self._client = client
        self._holder = secrets.token_hex(8)
        self._pool = ThreadPoolExecutor(settings.twilio_concurrency, thread_name_prefix="twilio")
        self._failpoint = failpoint or (lambda _name: None)

    def run_slice(self) -> bool:
        """Send what is due; return True when there is soon more to do."""
        end = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < end:
            claims = self._claim()
            if claims is None:
                return False
            if claims:
                self._failpoint("claimed")
                self._send(claims)
                continue
            nap = self._seconds_to_wait()
            if nap is None or nap > LONGEST_NAP:
                self._give_back()
                return nap is not None and nap <= SLICE_SECONDS
            time.sleep(nap)
        return True

    def _claim(self) -> list[Claim] | None:
        with transaction() as session:
            now = clock.now()
            if not take_lease(session, LEASE, self._holder, LEASE_LENGTH, now):
                return None
            return claim_due(session, self._settings, now)

    def _seconds_to_wait(self) -> float | None:
        """Return how long until something may be due, 0.01 at least; None when nothing is in sight."""
        with transaction() as session:
            now = clock.now()
            due = next_due(session, self._settings.senders)
            if due is None:
                return None
            pace = seconds_until_ready(session, self._settings.senders, self._settings.sender_rate, now)
            return max(0.01, pace, (due - now).total_seconds())

    def _give_back(self) -> None:
        with transaction() as session:
            give_back_lease(session, LEASE, self._holder, clock.now())

    def _send(self, claims: list[Claim]) -> None:
        pending, running, done = deque(claims), dict[Future[Outcome], Claim](), list[Sent]()
        stopped: dict[int, TextStatus] = {}
        checked = recorded = time.monotonic()
        while pending or running:
            if pending and time.monotonic() - checked >= CHECK_SECONDS:
                stopped, checked = self._check(pending), time.monotonic()
            self._submit(pending, running, stopped)
            finished, _ = wait(running, timeout=CHECK_SECONDS, return_when=FIRST_COMPLETED)
            done += [Sent(running.pop(future), future.result()) for future in finished]
            if len(done) >= RECORD_AT_MOST or time.monotonic() - recorded >= RECORD_SECONDS:
                self._record(done)
                done, recorded = [], time.monotonic()
        self._record(done)

    def _check(self, pending: deque[Claim]) -> dict[int, TextStatus]:
        with transaction() as session:
            take_lease(session, LEASE, self._holder, LEASE_LENGTH, clock.now())
            return stopped_claims(session, [claim.id for claim in pending])

    def _submit(
        self, pending: deque[Claim], running: dict[Future[Outcome], Claim], stopped: dict[int, TextStatus]
    ) -> None:
        """Start as many calls as there are free threads, so that no text waits in a queue behind the last check."""
        while pending and len(running) < self._settings.twilio_concurrency:
            claim = pending.popleft()
            now = clock.now()
            late = (now - claim.claimed_at).total_seconds() > CLAIM_SECONDS_TO_CALL
            if claim.id in stopped or late:
                self._release(claim, stopped.get(claim.id, TextStatus.QUEUED), now)
                continue
            running[self._pool.submit(self._call, claim)] = claim

    def _release(self, claim: Claim, status: TextStatus, now: datetime) -> None:
        with transaction() as session:
            release(session, claim, status, now)

    def _call(self, claim: Claim) -> Outcome:
        self._failpoint("calling")
        outcome = send_text(
            self._client,
            Outgoing(
                to=claim.phone,
                sender=claim.sender,
                body=claim.body,
                status_callback=f"{self._settings.public_url}/twilio/status?text={claim.id}",
                valid_seconds=claim.valid_seconds,
            ),
        )
        self._failpoint("called")
        return outcome

    def _record(self, done: list[Sent]) -> None:
        if not done:
            return
        with transaction() as session:
            record(session, done, self._settings, clock.now())
        self._failpoint("recorded")
