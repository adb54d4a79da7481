"""The campaign form: filling it in with a live preview, trying it on oneself, looking at it once more, launching it."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, roles_required
from outreach.campaigns.choices import form_choices
from outreach.campaigns.feeding import FEED
from outreach.campaigns.forms import CampaignForm, read_test_phone
from outreach.campaigns.once import launch_once
from outreach.campaigns.planning import Outlook, look_ahead
from outreach.campaigns.rehearsal import remembered_phone, send_test
from outreach.conversations.versions import flow_of, newest_version
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.process import current
from outreach.texting.outbox import DRAIN

pages = Blueprint("campaign_form", __name__, url_prefix="/campaigns/new")
PARTS = ("who", "words", "what", "when")


@pages.get("")
@roles_required(*ORGANIZERS)
def show() -> str:
    """Show the form, with what can be chosen now."""
    with transaction() as session:
        form = _form(session, test_phone=remembered_phone(session, acting()))
        return _page(session, form)


@pages.post("")
@roles_required(*ORGANIZERS)
def update() -> str:
    """Do what the pressed button says: update the preview, send a test, or go on to the last look."""
    wish = request.form.get("do")
    with transaction() as session:
        form = _form(session)
        good = form.validate()
        if wish == "review" and good:
            return _last_look(session, form)
        tested = _test(session, form) if wish == "test" else ""
        page = _page(session, form, tested=tested)
    if tested:
        current().wake(DRAIN)
    return page


def _last_look(session: Session, form: CampaignForm) -> str:
    outlook = _look_ahead(session, form)
    if outlook.blocked:
        return _refuse(session, form, outlook)
    return render_template("campaigns/confirm.html", form=form, outlook=outlook, plan=form.plan())


@pages.post("/preview")
@roles_required(*ORGANIZERS)
def preview() -> Response:
    """Give the script of the form its parts anew, for what is chosen now."""
    with transaction() as session:
        form = _form(session)
        form.validate()
        outlook = _look_ahead(session, form)
        parts = {part: render_template(f"campaigns/_{part}.html", form=form, outlook=outlook) for part in PARTS}
    return jsonify(people=outlook.audience.people, parts=parts)


@pages.post("/launch")
@roles_required(*ORGANIZERS)
def launch() -> Response | str:
    """Launch what the last look showed."""
    with transaction() as session:
        form = _form(session)
        good, outlook = form.validate(), _look_ahead(session, form)
        if not good or outlook.blocked:
            return _refuse(session, form, outlook)
        try:
            campaign_id = launch_once(session, form.plan(), form.key.data, acting(), clock.now())
        except OutreachError as error:
            flash(f"{error}.")
            return _page(session, form, refused=True)
    current().wake(FEED)
    current().wake(DRAIN)
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))


def _form(session: Session, **given: str) -> CampaignForm:
    now = clock.now()
    choices = form_choices(session, now)
    chosen = request.form.get("flow", next(iter(choices.flows), ""))
    return CampaignForm.asking_for(choices.wishes.get(chosen, ()))(choices, current().settings.zone, now, **given)


def _look_ahead(session: Session, form: CampaignForm) -> Outlook:
    settings = current().settings
    return look_ahead(session, settings, form.chosen_segment, form.chosen_flow, form.offer, form.starts_at, clock.now())


def _page(
    session: Session, form: CampaignForm, outlook: Outlook | None = None, *, tested: str = "", refused: bool = False
) -> str:
    return render_template(
        "campaigns/form.html",
        form=form,
        outlook=outlook or _look_ahead(session, form),
        tested=tested,
        refused=refused,
    )


def _refuse(session: Session, form: CampaignForm, outlook: Outlook) -> str:
    """Show the form with what keeps the campaign from starting: at the top, and beside the field that is meant."""
    for missing in outlook.preview.missing:
        if missing.field:
            form[missing.field].errors = [missing.beside_field]
    return _page(session, form, outlook, refused=True)


def _test(session: Session, form: CampaignForm) -> str:
    """Send the first texts to the number typed in; return what came of it, with what is wrong beside the field."""
    phone = read_test_phone(form.test_phone)
    version = newest_version(session, form.chosen_flow)
    if phone is None or version is None:
        return ""
    try:
        sent = send_test(
            session, current().settings, phone, flow_of(session, version.id), form.offer, acting(), clock.now()
        )
    except OutreachError as error:
        form.test_phone.errors = [f"{error}."]
        return ""
    return f"{sent} texts are on their way to you."
