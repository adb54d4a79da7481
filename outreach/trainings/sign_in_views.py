"""The sign-in sheet's pages: the code to tell people, who is here, and closing it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, roles_required
from outreach.accounts.audit import record_act
from outreach.accounts.models import Role
from outreach.database import transaction
from outreach.people.phones import spaced
from outreach.process import current
from outreach.trainings.attendance import close_sign_in
from outreach.trainings.forms import WalkInForm
from outreach.trainings.models import TrainingSession
from outreach.trainings.refusals import RefusedError
from outreach.trainings.sign_in_sheet import sheet, write_sheet
from outreach.trainings.walk_ins import CONSENT, add_walk_in, consent_wording

pages = Blueprint("sign_in_sheet", __name__, url_prefix="/sessions")

LOCK_TIMEOUT = "5s"
REFUSED = 422
OPTED_OUT = "They are on the sheet. Their number asked for no texts before: START, sent from it, lifts that."
WHO = (*ORGANIZERS, Role.BRANCH_ORGANIZER, Role.TRAINER)


@pages.get("/<int:session_id>/sign-in")
@roles_required(*WHO)
def show(session_id: int) -> str:
    """Show the sheet: the code for people's phones, a box for each person, and a form for walk-ins."""
    return _page(session_id, WalkInForm())


def _page(session_id: int, form: WalkInForm) -> str:
    settings = current().settings
    with transaction() as session:
        try:
            shown = sheet(session, session_id, acting())
        except RefusedError:
            abort(403 if session.get(TrainingSession, session_id) else 404)
        title = shown.gathering.training.title
    return render_template(
        "trainings/sign_in.html",
        shown=shown,
        gathering=shown.gathering,
        title=title,
        now=clock.now(),
        number=spaced(settings.senders[0]),
        form=form,
        wordings={language: consent_wording(language, settings.org_name) for language in CONSENT},
    )


@pages.post("/<int:session_id>/sign-in")
@roles_required(*WHO)
def write(session_id: int) -> Response:
    """Write down who is here."""
    came = {int(one) for one in request.form.getlist("came") if one.isdecimal() and len(one) <= 18}
    try:
        with transaction(LOCK_TIMEOUT) as session:
            changed = write_sheet(session, session_id, came, acting(), clock.now())
            record_act(session, acting(), "session.sign_in", clock.now(), session_id=session_id, changed=changed)
    except RefusedError as error:
        flash(str(error))
    else:
        flash("The sheet is saved." if changed else "Nothing was changed.")
    return redirect(url_for("sign_in_sheet.show", session_id=session_id))


@pages.post("/<int:session_id>/walk-ins")
@roles_required(*WHO)
def add(session_id: int) -> Response | tuple[str, int]:
    """Write down a walk-in, with a phone and their consent if they give them."""
    form, settings = WalkInForm(), current().settings
    if not form.validate():
        return _page(session_id, form), REFUSED
    key, now = settings.suppression_key.get_secret_value(), clock.now()
    try:
        with transaction(LOCK_TIMEOUT) as session:
            walk_in = form.walk_in(settings.org_name)
            may_text = add_walk_in(session, session_id, walk_in, acting(), now, key)
            record_act(session, acting(), "session.walk_in", now, session_id=session_id)
    except RefusedError as error:
        flash(str(error))
    else:
        flash("They are on the sheet." if may_text else OPTED_OUT)
    return redirect(url_for("sign_in_sheet.show", session_id=session_id))


@pages.post("/<int:session_id>/close-sign-in")
@roles_required(*WHO)
def close(session_id: int) -> Response:
    """Close the sign-in: whoever had a seat and is not on the sheet was absent from now on."""
    try:
        with transaction(LOCK_TIMEOUT) as session:
            # Whoever may not see the sheet may not close it.
            sheet(session, session_id, acting())
            turnout = close_sign_in(session, session_id, clock.now())
            record_act(session, acting(), "session.close_sign_in", clock.now(), session_id=session_id)
    except RefusedError as error:
        flash(str(error))
        return redirect(url_for("sign_in_sheet.show", session_id=session_id))
    flash(f"The sign-in is closed: {len(turnout.attended)} came, {len(turnout.no_shows)} were missed.")
    return redirect(url_for("sessions.show", session_id=session_id))
