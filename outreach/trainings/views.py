"""The sessions' pages: the list, one session, its roster as a file, adding, moving, cancelling."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, has_role, roles_required
from outreach.accounts.audit import record_act
from outreach.accounts.models import Role
from outreach.database import transaction
from outreach.process import current
from outreach.trainings.catalogue import list_trainings
from outreach.trainings.forms import AddSessionForm, MoveSessionForm
from outreach.trainings.models import SessionState, TrainingSession
from outreach.trainings.overview import PAGE, coming_sessions, earlier_sessions, overview
from outreach.trainings.refusals import RefusedError
from outreach.trainings.roster import write_roster
from outreach.trainings.seats import is_open
from outreach.trainings.sessions import add_session, cancel_session, move_session

pages = Blueprint("sessions", __name__, url_prefix="/sessions")

LOCK_TIMEOUT = "5s"
WHO = (*ORGANIZERS, Role.BRANCH_ORGANIZER, Role.TRAINER)
REFUSED = 422
BYTE_ORDER_MARK = "\ufeff"


@pages.get("")
@roles_required(*WHO)
def show_list() -> str:
    """List the sessions to come, and those that were, a page at a time."""
    now = clock.now()
    before = _moment(request.args.get("before", ""), now)
    with transaction() as session:
        coming = coming_sessions(session, now)
        earlier = earlier_sessions(session, before)
    return render_template(
        "trainings/list.html",
        coming=() if before < now else coming,
        earlier=earlier,
        is_first=before == now,
        next=earlier[-1].starts_at.isoformat() if len(earlier) == PAGE else None,
        may_change=has_role(*ORGANIZERS),
    )


@pages.get("/<int:session_id>")
@roles_required(*WHO)
def show(session_id: int) -> str:
    """Show who answered what to one session, and what they need."""
    now = clock.now()
    with transaction() as session:
        try:
            shown = overview(session, session_id, acting())
        except RefusedError:
            abort(404)
    return render_template(
        "trainings/session.html",
        shown=shown,
        gathering=shown.gathering,
        now=now,
        may_change=has_role(*ORGANIZERS) and is_open(shown.gathering, now),
    )


@pages.get("/<int:session_id>/roster.csv")
@roles_required(*WHO)
def download_roster(session_id: int) -> Response:
    """Return the roster as a CSV file: first name, initial, status, needs; never a number."""
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    with transaction() as session:
        try:
            rows = write_roster(session, session_id, acting(), file)
        except RefusedError:
            abort(403 if session.get(TrainingSession, session_id) else 404)
        record_act(session, acting(), "roster.download", clock.now(), session_id=session_id, rows=rows)
    headers = {"Content-Disposition": f"attachment; filename=session-{session_id}.csv"}
    return Response(file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@pages.route("/new", methods=["GET", "POST"])
@roles_required(*ORGANIZERS)
def add() -> Response | str | tuple[str, int]:
    """Add a session."""
    with transaction() as session:
        trainings = list_trainings(session)
    form = AddSessionForm(trainings, zone=current().settings.zone, now=clock.now())
    if not form.is_submitted():
        return render_template("trainings/add.html", form=form)
    if not form.validate():
        return render_template("trainings/add.html", form=form), REFUSED
    with transaction() as session:
        added = add_session(session, form.plan(), clock.now())
        record_act(session, acting(), "session.add", clock.now(), session_id=added.id)
    flash(form.note or "The session is added.")
    return redirect(url_for("sessions.show", session_id=added.id))


@pages.route("/<int:session_id>/move", methods=["GET", "POST"])
@roles_required(*ORGANIZERS)
def move(session_id: int) -> Response | str | tuple[str, int]:
    """Change when or where a session is; whoever is coming is told."""
    gathering = _gathering(session_id)
    form = MoveSessionForm(zone=ZoneInfo(gathering.timezone), now=clock.now())
    if not form.is_submitted():
        form.fill(gathering)
        return render_template("trainings/move.html", form=form, gathering=gathering)
    if not form.validate():
        return render_template("trainings/move.html", form=form, gathering=gathering), REFUSED
    try:
        with transaction(LOCK_TIMEOUT) as session:
            told = move_session(session, session_id, form.change(), clock.now()).sequence > gathering.sequence
            record_act(session, acting(), "session.move", clock.now(), session_id=session_id)
    except RefusedError as error:
        form.starts.errors = [str(error)]
        return render_template("trainings/move.html", form=form, gathering=gathering), REFUSED
    flash("The session is changed; whoever is coming is told." if told else "Nothing was changed.")
    return redirect(url_for("sessions.show", session_id=session_id))


@pages.route("/<int:session_id>/cancel", methods=["GET", "POST"])
@roles_required(*ORGANIZERS)
def cancel(session_id: int) -> Response | str:
    """Ask once more, then cancel a session; whoever is coming is told."""
    gathering = _gathering(session_id)
    if request.method == "GET":
        return render_template("trainings/cancel.html", gathering=gathering)
    try:
        with transaction(LOCK_TIMEOUT) as session:
            cancel_session(session, session_id, clock.now())
            record_act(session, acting(), "session.cancel", clock.now(), session_id=session_id)
    except RefusedError as error:
        flash(str(error))
        return redirect(url_for("sessions.show", session_id=session_id))
    flash("The session is cancelled; whoever was coming is told.")
    return redirect(url_for("sessions.show", session_id=session_id))


def _gathering(session_id: int) -> TrainingSession:
    with transaction() as session:
        return _with_training(session, session_id)


def _with_training(session: Session, session_id: int) -> TrainingSession:
    gathering = session.get(TrainingSession, session_id, options=[joinedload(TrainingSession.training)])
    if gathering is None or gathering.state == SessionState.CANCELLED:
        abort(404)
    return gathering


def _moment(written: str, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return otherwise
    return moment if moment.tzinfo else otherwise
