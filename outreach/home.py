"""The home page: what to do now, and in the demo what to try."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, has_role, signed_in
from outreach.accounts.models import Role
from outreach.campaigns.models import Campaign, CampaignState
from outreach.conversations.inbox import count_waiting, has_urgent
from outreach.conversations.models import Task
from outreach.conversations.seeing import viewer_of
from outreach.conversations.task_list import count_overdue
from outreach.conversations.tasks import open_tasks
from outreach.database import transaction
from outreach.demo.tour import PHONES, TOUR, Step
from outreach.people.models import Person
from outreach.people.short_names import short_name
from outreach.process import current
from outreach.settings import Settings
from outreach.trainings.models import TrainingSession
from outreach.trainings.overview import NeedLine, coming_sessions, overdue_needs

pages = Blueprint("home", __name__)

REPLIES_AT_MOST = 50
SHOWN = 10
OVERDUE_AT_MOST = 100
NOT_ON_A_LIST = "Somebody not on our lists"
AHEAD = timedelta(days=14)
SEES_REPLIES = (*ORGANIZERS, Role.BRANCH_ORGANIZER)
SEES_SESSIONS = (*SEES_REPLIES, Role.TRAINER)
SEES_CAMPAIGNS = (*ORGANIZERS, Role.VIEWER)
OPEN = (CampaignState.SCHEDULED, CampaignState.RUNNING)


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to ring: the task and who it is about."""

    task: Task
    name: str


@dataclass(slots=True)
class ToDo:
    """What waits for whoever is signed in; what is not theirs to see stays empty."""

    replies: int = 0
    urgent: bool = False
    needs: Sequence[NeedLine] = ()
    calls: Sequence[Call] = ()
    overdue: int = 0
    sessions: Sequence[TrainingSession] = ()
    campaigns: Sequence[Campaign] = field(default_factory=list)

    @property
    def replies_words(self) -> str:
        """Return how many replies wait, as a page says it: a large number is not counted out."""
        return f"{REPLIES_AT_MOST}+" if self.replies > REPLIES_AT_MOST else str(self.replies)


@pages.get("/")
@signed_in
def show() -> str:
    """Show what to do now."""
    settings, now = current().settings, clock.now()
    with transaction() as session:
        todo = _to_do(session, now)
    return render_template(
        "home/home.html",
        todo=todo,
        now=now,
        sees_replies=has_role(*SEES_REPLIES),
        sees_sessions=has_role(*SEES_SESSIONS),
        sees_campaigns=has_role(*SEES_CAMPAIGNS),
        may_launch=has_role(*ORGANIZERS),
        tour=[(step, _address(step, settings)) for step in TOUR] if settings.sandbox else [],
    )


def _to_do(session: Session, now: datetime) -> ToDo:
    todo = ToDo()
    if has_role(*SEES_REPLIES):
        viewer = viewer_of(session, acting())
        todo.replies, todo.urgent = count_waiting(session, viewer, REPLIES_AT_MOST + 1), has_urgent(session, viewer)
        todo.calls, todo.overdue = _calls(session), count_overdue(session, now, OVERDUE_AT_MOST)
        todo.needs = overdue_needs(session, now, SHOWN)
    if has_role(*SEES_SESSIONS):
        todo.sessions = coming_sessions(session, now, now + AHEAD)
    if has_role(*SEES_CAMPAIGNS):
        todo.campaigns = _open_campaigns(session)
    return todo


def _calls(session: Session) -> list[Call]:
    tasks = open_tasks(session, SHOWN)
    people = {
        person.id: person
        for person in session.scalars(select(Person).where(Person.id.in_({task.person_id for task in tasks})))
    }
    return [Call(task, _name(people.get(task.person_id or 0))) for task in tasks]


def _name(person: Person | None) -> str:
    return short_name(person) if person else NOT_ON_A_LIST


def _open_campaigns(session: Session) -> Sequence[Campaign]:
    running = select(Campaign).where(Campaign.state.in_(OPEN))
    return session.scalars(running.order_by(Campaign.starts_at.desc()).limit(SHOWN)).all()


def _address(step: Step, settings: Settings) -> str:
    return f"{settings.twilio_api_url}/" if step.where == PHONES else step.where
