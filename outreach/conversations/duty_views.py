"""The page of duty: who is called when, the officers, and the approved words and hotlines."""

from collections.abc import Callable
from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import acting, has_role, roles_required
from outreach.accounts.models import Role, User
from outreach.conversations import officers
from outreach.conversations.approved import (
    HOTLINES,
    NAMES,
    PLAIN,
    WITH_HOTLINE,
    NotApprovedError,
    approve,
    approved_words,
)
from outreach.conversations.duties import duties_of, on_call
from outreach.conversations.house import house_wording
from outreach.conversations.inbox_views import LOCK_TIMEOUT, WHO
from outreach.conversations.models import Duty, DutyKind
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.phones import mask_phone
from outreach.process import current
from outreach.text_hours import MINUTES_A_DAY

pages = Blueprint("duty", __name__, url_prefix="/duty")

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS = {
    DutyKind.ON_CALL: "On call: rung for what is urgent",
    DutyKind.REPLIES: "Replies: told what waits, and given what nobody took",
    DutyKind.GRIEVANCE: "Grievance officer: harassment inside the chapter",
    DutyKind.YOUTH: "Youth: people under 18",
    DutyKind.WELCOME: "New members: takes them on, and signs their first text",
}
# What anybody who answers replies may say of themselves; the rest is an admin's.
OWN = (DutyKind.ON_CALL, DutyKind.REPLIES, DutyKind.WELCOME)
LABELS = {
    PLAIN: "Answer to a sensitive text",
    WITH_HOTLINE: "The same, with {hotline}",
    **{name: f"Hotline: {kind}" for kind, name in HOTLINES.items()},
}


@pages.get("")
@roles_required(*WHO)
def show() -> str:
    """Show who is on duty, and what is approved."""
    return _render({})


@pages.post("")
@roles_required(*WHO)
def name() -> Response | tuple[str, int]:
    """Put somebody on duty; whoever is no admin, themselves."""
    form = request.form
    kind = form.get("kind", "")
    admin = has_role(Role.ADMIN)
    email = form.get("email", "") if admin else acting()

    def act(session: Session, now: datetime) -> None:
        if kind not in set(DutyKind) or (not admin and kind not in OWN):
            raise OutreachError("Choose a duty.")
        officers.name_duty(
            session,
            email,
            DutyKind(kind),
            phone=form.get("phone", ""),
            known_as=form.get("known_as", ""),
            language=form.get("language", ""),
            branch=form.get("branch", ""),
            days="".join(day for day in "0123456" if day in form.getlist("days")),
            minutes=(_minute(form.get("from", "")), _minute(form.get("until", "")) or MINUTES_A_DAY),
            place=form.get("place", 0, int),
            by=acting(),
            now=now,
        )

    return _act(act, "They are on duty now.", keep=dict(form))


@pages.post("/<int:duty_id>/confirm")
@roles_required()
def confirm(duty_id: int) -> Response | tuple[str, int]:
    """Confirm a grievance officer, as the second admin."""
    return _act(lambda session, now: officers.confirm_officer(session, duty_id, acting(), now), "Confirmed.")


@pages.post("/<int:duty_id>/end")
@roles_required(*WHO)
def end(duty_id: int) -> Response | tuple[str, int]:
    """Take somebody off duty; whoever is no admin, themselves."""

    def act(session: Session, now: datetime) -> None:
        mine = select(User.email).join(Duty, Duty.user_id == User.id).where(Duty.id == duty_id)
        if not has_role(Role.ADMIN) and session.scalar(mine) != acting():
            raise OutreachError("Ask an admin: this duty is not yours.")
        officers.end_duty(session, duty_id, acting(), now)

    return _act(act, "They are off duty.")


@pages.post("/words/<name>")
@roles_required()
def approve_words(name: str) -> Response | tuple[str, int]:
    """Approve words, or a hotline's number."""
    form = request.form

    def act(session: Session, now: datetime) -> None:
        try:
            checked_on = date.fromisoformat(form.get("checked_on", ""))
        except ValueError:
            raise NotApprovedError("Say on which day it was checked.") from None
        approve(session, name, form.get("en", "").strip(), form.get("es", "").strip(), checked_on, acting(), now)

    return _act(act, "Approved.", keep={**form, "words": name})


def _act(
    act: Callable[[Session, datetime], None], done: str, keep: dict[str, str] | None = None
) -> Response | tuple[str, int]:
    try:
        with transaction(LOCK_TIMEOUT) as session:
            act(session, clock.now())
    except OutreachError as error:
        return _render({**(keep or {}), "error": str(error)}), 422
    flash(done)
    return redirect(url_for("duty.show"))


def _render(kept: dict[str, str]) -> str:
    now = clock.now()
    with transaction() as session:
        duties = {kind: duties_of(session, kind) for kind in DutyKind}
        called = on_call(session, current().settings, now)
        words = approved_words(session)
        users = session.scalars(select(User.email).where(User.active).order_by(User.email)).all()
    return render_template(
        "conversations/duty.html",
        duties=duties,
        kinds=KINDS,
        own=OWN,
        days=DAYS,
        called=[(each.email, mask_phone(each.phone)) for each in called],
        mask=mask_phone,
        hour=_hour,
        words=words,
        names=NAMES,
        labels=LABELS,
        shipped={each: house_wording(each) for each in (PLAIN, WITH_HOTLINE)},
        users=users,
        kept=kept,
        today=now.astimezone(current().settings.zone).date().isoformat(),
    )


def _minute(written: str) -> int:
    """Read HH:MM as minutes since midnight; 0 for anything else."""
    hours, _, minutes = written.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        return 0
    return int(hours) * 60 + int(minutes)


def _hour(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}" if minute < MINUTES_A_DAY else "24:00"
