"""Who is on duty in the demo, with telephones on the phones page, and what its admins have approved."""

from datetime import datetime

from sqlalchemy.orm import Session

from outreach.conversations.approved import HOTLINES, PLAIN, WITH_HOTLINE, approve
from outreach.conversations.house import house_wording
from outreach.conversations.models import DutyKind
from outreach.conversations.officers import confirm_officer, name_duty
from outreach.demo.accounts import ADMIN, OFFICER, ORGANIZER, SECOND_ADMIN, SECOND_OFFICER
from outreach.understanding import Kind

# 555-01xx is kept for fiction.
DUTIES = (
    (ORGANIZER, DutyKind.REPLIES, "+12135550135", "Marco"),
    (ORGANIZER, DutyKind.ON_CALL, "+12135550135", "Marco"),
    (ORGANIZER, DutyKind.WELCOME, "+12135550135", "Marco"),
    (SECOND_ADMIN, DutyKind.YOUTH, "+12135550136", "Dolores"),
    (OFFICER, DutyKind.GRIEVANCE, "+12135550137", "Rosa Campos"),
    (SECOND_OFFICER, DutyKind.GRIEVANCE, "+12135550138", "Derek Mills"),
)
INVENTED_HOTLINES = {Kind.IMMIGRATION: "213-555-0151", Kind.EVICTION: "213-555-0152", Kind.ARREST: "213-555-0153"}


def add_duties(session: Session, now: datetime) -> None:
    """Put the demo's accounts on duty, confirm its officers, and approve its words and invented hotlines."""
    for place, (email, kind, phone, known_as) in enumerate(DUTIES):
        duty = name_duty(session, email, kind, phone=phone, known_as=known_as, place=place, by=ADMIN, now=now)
        if kind is DutyKind.GRIEVANCE:
            confirm_officer(session, duty.id, SECOND_ADMIN, now)
    for name in (PLAIN, WITH_HOTLINE):
        words = house_wording(name)
        approve(session, name, words["en"], words["es"], now.date(), ADMIN, now)
    for each, number in INVENTED_HOTLINES.items():
        approve(session, HOTLINES[each], number, number, now.date(), ADMIN, now)
