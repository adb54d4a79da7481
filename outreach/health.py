"""Whether the program is well: for load balancers and for Prometheus."""

import ipaddress
import secrets
from datetime import timedelta

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from outreach import clock
from outreach.database import is_current, transaction
from outreach.process import current
from outreach.settings import MILLIONTHS
from outreach.sweeping import heartbeat_age, waiting_counts
from outreach.texting.models import Gate
from outreach.texting.spending import spent

health = Blueprint("health", __name__)
A_DAY = timedelta(days=1)


@health.get("/health/live")
def live() -> Response:
    """Answer that the process lives."""
    return Response("ok\n", content_type="text/plain")


@health.get("/health/ready")
def ready() -> Response:
    """Answer whether the database is there with its schema: nothing else, so that the webhook stays reachable."""
    try:
        with transaction() as session:
            good = is_current(session)
    except SQLAlchemyError:
        return Response("the database is away\n", status=503, content_type="text/plain")
    if not good:
        return Response("the schema is not up to date: run outreach migrate\n", status=503, content_type="text/plain")
    return Response("ready\n", content_type="text/plain")


@health.get("/metrics")
def metrics() -> Response:
    """Give figures to Prometheus: loopback, or whoever knows METRICS_TOKEN."""
    if not _may_read():
        return Response(status=403)
    with transaction() as session:
        body = generate_latest(_registry(session))
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token = current().settings.metrics_token.get_secret_value()
    if token:
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _registry(session: Session) -> CollectorRegistry:
    process, registry, now = current(), CollectorRegistry(), clock.now()
    waiting = Gauge("outreach_waiting", "Work that waits, at most 1000 of a kind", ["work"], registry=registry)
    for name, count in waiting_counts(session, process.settings, now).items():
        waiting.labels(name).set(count)
    age = heartbeat_age(session, now)
    if age is not None:
        Gauge("outreach_cron_heartbeat_age_seconds", "Since cron last looked", registry=registry).set(age)
    failed = process.waker.failed_jobs(now - clock.offset() - A_DAY)
    if failed is not None:
        Gauge("outreach_failed_jobs", "Jobs that failed within a day", registry=registry).set(failed)
    dollars = spent(session, process.settings, now) / MILLIONTHS
    Gauge("outreach_month_spent_dollars", "What this month's texts came to", registry=registry).set(dollars)
    stopped = session.scalar(select(func.count()).where(Gate.closed_at.is_not(None))) or 0
    Gauge("outreach_closed_gates", "Paused campaigns, and one for stop-all", registry=registry).set(stopped)
    return registry
