"""Acts that lead to another flow: at once when this one ends, or later."""

from collections.abc import Callable
from datetime import datetime, time

from outreach.conversations.acting import NOTED, ActContext, Done
from outreach.conversations.acts_of_people import duration_of
from outreach.conversations.effects import Act
from outreach.conversations.enrolling import enrol

HANDED_ON = ("sender", "organizer", "sessions", "fields", "gate")


def _start(act: Act, _context: ActContext) -> Done:
    return Done(NOTED.result, next_flow=str(act.given["flow"]))


def _enrol(act: Act, context: ActContext) -> Done:
    flow, name = str(act.given["flow"]), str(act.given.get("name") or "")
    due = context.now + duration_of(act.given["in"])
    if "at" in act.given:
        at = time.fromisoformat(str(act.given["at"]))
        due = datetime.combine(due.astimezone(context.zone).date(), at, tzinfo=context.zone)
    offer = {key: value for key, value in context.conversation.offer.items() if key in HANDED_ON}
    if context.conversation.campaign_id is not None:
        # What a campaign leads to later stops with it.
        offer["gate"] = f"campaign:{context.conversation.campaign_id}"
    if name:
        offer["begun"] = name
    enrol(
        context.session,
        context.person.id,
        flow,
        f"conversation:{context.conversation.id}:{name}",
        due,
        context.now,
        offer,
    )
    return NOTED


FLOW_ACTS: dict[str, Callable[[Act, ActContext], Done]] = {"start flow": _start, "enrol": _enrol}
