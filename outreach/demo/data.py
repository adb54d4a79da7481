"""Demo data: 300 invented members, the catalogue, sessions, accounts, who sees to what. In the sandbox alone."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.demo.accounts import ADMIN, SECOND_ADMIN, add_accounts
from outreach.demo.duties import add_duties
from outreach.demo.gatherings import add_coming_sessions, add_past_sessions
from outreach.demo.members import Member, invented_members
from outreach.demo.people import add_members
from outreach.people.models import Person
from outreach.settings import Settings
from outreach.trainings.needs import ANY_KIND, name_need_owner
from outreach.trainings.seed import seed_catalogue


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made."""

    people: int
    sessions: tuple[int, ...]


def seed_demo(session: Session, settings: Settings, now: datetime) -> Seeded | None:
    """Make the demo data on an empty list, in the sandbox; None, and nothing done, where anybody is known already."""
    if not settings.sandbox or session.scalar(select(Person.id).limit(1)) is not None:
        return None
    seed_catalogue(session, now)
    members = invented_members()
    ids = add_members(session, settings, members, now)
    add_past_sessions(session, settings, _came(members, ids), now)
    coming = add_coming_sessions(session, settings, now)
    add_accounts(session, settings.var_dir, now)
    add_duties(session, now)
    name_need_owner(session, "childcare", SECOND_ADMIN)
    name_need_owner(session, ANY_KIND, ADMIN)
    return Seeded(len(ids), tuple(each.id for each in coming))


def _came(members: list[Member], ids: dict[int, int]) -> dict[int, list[int]]:
    came: dict[int, list[int]] = {}
    for member in members:
        if member.came_to is not None:
            came.setdefault(member.came_to, []).append(ids[member.place])
    return came
