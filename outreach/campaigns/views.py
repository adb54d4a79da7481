"""Pages of campaigns: the list, and how one campaign goes."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, has_role, roles_required
from outreach.accounts.models import Role
from outreach.campaigns import launching
from outreach.campaigns.dashboard import (
    PAGE,
    PEOPLE_A_PAGE,
    Dashboard,
    Outcome,
    describe_campaign,
    list_campaigns,
    people_with,
)
from outreach.campaigns.feeding import FEED
from outreach.campaigns.forms import ReasonForm
from outreach.campaigns.words import OUTCOME_WORDS, SEGMENT_WORDS, STATE_TONES, dollars, why_words
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.segments import Segment
from outreach.process import current
from outreach.texting.outbox import DRAIN

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
READERS = (*ORGANIZERS, Role.VIEWER)
pages.add_app_template_filter(why_words, "why")
pages.add_app_template_filter(dollars, "dollars")
pages.add_app_template_filter(lambda segment: SEGMENT_WORDS[Segment(segment)], "segment_words")
pages.add_app_template_filter(lambda outcome: OUTCOME_WORDS[outcome], "outcome_words")
pages.add_app_template_filter(lambda state: STATE_TONES[state], "state_tone")


@pages.get("")
@roles_required(*READERS)
def show_all() -> str:
    """List the campaigns, the newest first."""
    before = request.args.get("before", type=int)
    with transaction() as session:
        listed = list_campaigns(session, before)
    more = listed[PAGE - 1].campaign.id if len(listed) > PAGE else None
    return render_template("campaigns/list.html", listed=listed[:PAGE], more=more, first=before is None)


@pages.get("/<int:campaign_id>")
@roles_required(*READERS)
def show(campaign_id: int) -> str:
    """Show how a campaign goes, and its people by outcome."""
    return _page(campaign_id, ReasonForm(formdata=None))


@pages.get("/<int:campaign_id>/figures")
@roles_required(*READERS)
def figures(campaign_id: int) -> Response:
    """Give the page's script the figures anew."""
    dashboard = _find(campaign_id)
    return jsonify(
        state=dashboard.results.state, figures=render_template("campaigns/_figures.html", dashboard=dashboard)
    )


@pages.post("/<int:campaign_id>/pause")
@roles_required(*ORGANIZERS)
def pause(campaign_id: int) -> Response | str:
    """Pause a campaign, saying why."""
    form = ReasonForm()
    if not form.validate():
        return _page(campaign_id, form)
    with transaction() as session:
        _try(lambda: launching.pause(session, campaign_id, acting(), form.because.data, clock.now()))
    return _back(campaign_id)


@pages.post("/<int:campaign_id>/resume")
@roles_required(*ORGANIZERS)
def resume(campaign_id: int) -> Response:
    """Let a paused campaign go on."""
    with transaction() as session:
        _try(lambda: launching.resume(session, campaign_id, acting(), clock.now()))
    current().wake(FEED)
    current().wake(DRAIN)
    return _back(campaign_id)


@pages.get("/<int:campaign_id>/cancel")
@roles_required(*ORGANIZERS)
def ask_to_cancel(campaign_id: int) -> str:
    """Ask once more before a campaign is cancelled."""
    return render_template("campaigns/cancel.html", dashboard=_find(campaign_id))


@pages.post("/<int:campaign_id>/cancel")
@roles_required(*ORGANIZERS)
def cancel(campaign_id: int) -> Response:
    """Cancel a campaign for good."""
    with transaction() as session:
        _try(lambda: launching.cancel(session, campaign_id, acting(), clock.now()))
    return _back(campaign_id)


def _page(campaign_id: int, form: ReasonForm) -> str:
    dashboard = _find(campaign_id)
    outcome, after = _outcome(), request.args.get("after", 0, type=int)
    people = []
    if has_role(*ORGANIZERS):
        with transaction() as session:
            people = people_with(session, campaign_id, outcome, after)
    return render_template(
        "campaigns/show.html",
        dashboard=dashboard,
        form=form,
        outcome=outcome,
        people=people[:PEOPLE_A_PAGE],
        more=people[PEOPLE_A_PAGE - 1].person_id if len(people) > PEOPLE_A_PAGE else None,
        first=not after,
    )


def _outcome() -> Outcome:
    named = request.args.get("outcome", "")
    return Outcome(named) if named in set(Outcome) else Outcome.YES


def _find(campaign_id: int) -> Dashboard:
    try:
        with transaction() as session:
            return describe_campaign(session, campaign_id)
    except OutreachError:
        abort(404)


def _try(act: Callable[[], None]) -> None:
    """Do it, or say why not at the top of the page that follows."""
    try:
        act()
    except OutreachError as error:
        flash(f"{error}.")


def _back(campaign_id: int) -> Response:
    return redirect(url_for("campaigns.show", campaign_id=campaign_id))
