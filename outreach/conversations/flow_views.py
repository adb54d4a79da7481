"""The pages of flows: what each one says, and a flyer with the word that starts one."""

from flask import Blueprint, abort, render_template

from outreach.accounts.access import ORGANIZERS, roles_required
from outreach.conversations.flow import LANGUAGES
from outreach.conversations.flow_page import LANGUAGE_NAMES, how_it_starts, lines_of, newest_flows
from outreach.conversations.rewording import flows_to_choose, worded_flow
from outreach.conversations.wording import fill
from outreach.database import transaction
from outreach.people.phones import spaced
from outreach.process import current

pages = Blueprint("flow_pages", __name__, url_prefix="/flows")

JOIN, CONSENT = "join", "consent"


@pages.get("")
@roles_required(*ORGANIZERS)
def show_all() -> str:
    """List the flows: what each is for, what starts it, how it may end."""
    with transaction() as session:
        flows = [(flow, how_it_starts(flow)) for flow in newest_flows(session)]
        to_choose = flows_to_choose(session)
    return render_template("conversations/flows.html", flows=flows, to_choose=to_choose)


@pages.get("/<name>")
@roles_required(*ORGANIZERS)
def show(name: str) -> str:
    """Show every text of a flow in both languages side by side, with its segments."""
    with transaction() as session:
        worded = worded_flow(session, name)
    if worded is None:
        abort(404)
    flow = worded.flow
    return render_template(
        "conversations/flow.html",
        flow=flow,
        starts=how_it_starts(flow),
        lines=list(lines_of(flow)),
        texts=worded.texts,
        languages=LANGUAGE_NAMES,
        flyer=name == JOIN,
    )


@pages.get("/join/flyer")
@roles_required(*ORGANIZERS)
def flyer() -> str:
    """Show a page to print: the word to text, our number, and the consent line, in both languages."""
    settings = current().settings
    with transaction() as session:
        flow = next((each for each in newest_flows(session) if each.name == JOIN and each.keywords), None)
    if flow is None or flow.keywords is None or CONSENT not in flow.steps:
        abort(404)
    consent = flow.steps[CONSENT].text or {}
    ours = [sender for sender in settings.senders if sender.startswith("+")]
    return render_template(
        "conversations/flyer.html",
        words={language: flow.keywords.words[language][0].upper() for language in LANGUAGES},
        consent={language: fill(consent.get(language, ""), {"org": settings.org_name}) for language in LANGUAGES},
        number=spaced(ours[0]) if ours else "",
        contact=settings.org_contact,
    )
