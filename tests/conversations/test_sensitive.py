from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.conversations import officers
from outreach.conversations.approved import approve
from outreach.conversations.inbox import Look, inbox_page, thread_of
from outreach.conversations.models import Duty, DutyKind, SensitiveCase
from outreach.conversations.replying import Handling, release_hold
from outreach.conversations.ringing import cases_to_ring, ring
from outreach.conversations.seeing import may_see_thread, viewer_of
from outreach.database import transaction
from outreach.people.models import Person
from outreach.texting.models import TextStatus
from outreach.understanding import Kind
from outreach.understanding.kinds import kind_of
from tests.accounts.factories import make_user
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings

ANA = "+12135550111"
FIRST, SECOND = "+12135550191", "+12135550192"
OFFICER, OTHER_OFFICER, ADMIN = "+12135550181", "+12135550182", "+12135550183"
RINGS = "on call: an urgent reply"


def on_duty(session: Session, email: str, phone: str, kind: DutyKind, role: Role = Role.CAMPAIGN_ORGANIZER) -> Duty:
    user = make_user(session, email, role)
    duty = Duty(
        user_id=user.id,
        kind=kind,
        known_as=email.partition("@")[0],
        phone=phone,
        language="en",
        days="0123456",
        start_minute=0,
        end_minute=1440,
        place=0,
        named_by="a",
        confirmed_by="b",
        created_at=NOW,
    )
    session.add(duty)
    session.commit()
    return duty


def talking(session: Session, numbers: str = f"{FIRST},{SECOND}") -> Talk:
    talk = Talk(make_settings(on_call_numbers=numbers))
    make_person(session, phone=ANA)
    gathering = make_session(session)
    session.commit()
    talk.invite(gathering.id)
    talk.heard(ANA)
    return talk


def rung(talk: Talk, *phones: str) -> list[str]:
    """Return which of these phones were rung since the last look."""
    with transaction() as session:
        due = cases_to_ring(session, talk.now, 100)
    for case_id in due:
        ring(talk.settings, case_id, talk.now)
    return [phone for phone in phones if any(RINGS in body for body in talk.heard(phone))]


def the_case() -> SensitiveCase:
    with transaction() as session:
        return session.scalars(select(SensitiveCase)).one()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("I want to kill myself", Kind.CRISIS),
        ("ya no le veo caso a vivir", Kind.CRISIS),
        ("got a 3 day notice on my door", Kind.EVICTION),
        ("el dueño nos cortó el agua", Kind.EVICTION),
        ("theres ice agents outside my building", Kind.IMMIGRATION),
        ("mi patrón dice que me va a echar la migra", Kind.IMMIGRATION),
        ("i got arrested at the protest", Kind.ARREST),
        ("agarraron a mi papá en el trabajo", Kind.ARREST),
        ("he put his hands on me again", Kind.ABUSE),
        ("mi pareja me pega y me revisa el telefono", Kind.ABUSE),
        ("My ex is stalking me and he knows I go to meetings", Kind.ABUSE),
        ("someone at the last meeting harassed me", Kind.HARASSMENT),
        ("un compañero del comité me anda acosando", Kind.HARASSMENT),
        ("my foreman grabbed my butt and HR did nothing", Kind.OTHER),
        ("they fired my whole shift yesterday", Kind.OTHER),
    ],
)
def test_a_sensitive_text_is_told_by_its_kind(body: str, kind: Kind) -> None:
    assert kind_of(body) is kind


def test_a_cry_for_help_stops_everything_is_answered_once_and_rings_until_somebody_opens_it(session: Session) -> None:
    on_duty(session, "admin@example.org", ADMIN, DutyKind.REPLIES, Role.ADMIN)
    talk = talking(session)
    text = talk.write(ANA, "I want to kill myself")
    assert text.status == TextStatus.NEEDS_PERSON
    (answer,) = talk.heard(ANA)
    assert answer.startswith("This matters.")
    assert "988" in answer
    assert rung(talk, FIRST, SECOND, ADMIN) == [FIRST]
    talk.now += timedelta(minutes=14)
    assert rung(talk, FIRST, SECOND, ADMIN) == []
    talk.now += timedelta(minutes=1)
    assert rung(talk, FIRST, SECOND, ADMIN) == [SECOND]
    talk.now += timedelta(minutes=30)
    assert rung(talk, ADMIN, FIRST) == [ADMIN, FIRST]
    talk.write(ANA, "I really want to die")
    assert talk.heard(ANA) == []
    talk.wait(days=8)
    assert talk.heard(ANA) == []


def test_whoever_is_rung_hands_it_on_with_one_word(session: Session) -> None:
    talk = talking(session)
    talk.write(ANA, "nos están desalojando hoy")
    assert rung(talk, FIRST) == [FIRST]
    assert talk.write(FIRST, "Pass").status == TextStatus.HANDLED
    assert rung(talk, FIRST, SECOND) == [SECOND]
    assert talk.write(FIRST, "pass").status != TextStatus.HANDLED


def test_a_hotline_that_an_admin_approved_is_named_in_the_writers_language(session: Session) -> None:
    talk = talking(session)
    for name, words in (
        ("sensitive_hotline", "{org}: {hotline}"),
        ("hotline_eviction", "213-555-0170"),
    ):
        approve(session, name, words, words, NOW.date(), "admin@example.org", NOW)
    session.commit()
    talk.write(ANA, "nos están desalojando hoy")
    assert talk.heard(ANA) == ["DSA-LA: 213-555-0170"]


def test_without_an_admins_approval_nothing_answers_outside_the_sandbox(session: Session) -> None:
    talk = talking(session)
    talk.settings = make_settings(
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="t" * 32,
        twilio_phone_numbers=talk.settings.senders[0],
        org_name="DSA-LA",
        on_call_numbers=FIRST,
    )
    talk.write(ANA, "I want to kill myself")
    assert talk.heard(ANA) == []
    assert rung(talk, FIRST) == [FIRST]


@pytest.mark.parametrize(
    "body",
    [
        "mi pareja me pega",
        "someone at the last meeting harassed me",
        "I'm 16",
        "mi mamá falleció",
        "mi marido me pega, ya no me escriban. ALTO",
    ],
)
def test_where_another_may_hold_the_phone_nothing_automatic_is_sent_at_all(session: Session, body: str) -> None:
    on_duty(session, "grievance@example.org", OFFICER, DutyKind.GRIEVANCE)
    talk = talking(session)
    assert talk.write(ANA, body).status == TextStatus.NEEDS_PERSON
    talk.wait(days=8)
    assert talk.heard(ANA) == []
    assert len(rung(talk, FIRST, OFFICER)) == 1


def test_who_says_that_they_are_sixteen_is_marked_and_their_conversation_ends(session: Session) -> None:
    talk = talking(session)
    talk.write(ANA, "I'm 16")
    assert talk.conversation(ANA).outcome == "under_18"
    assert session.scalars(select(Person.under_18)).one()


def test_harassment_rings_the_officers_alone_and_is_hidden_from_admins(session: Session) -> None:
    on_duty(session, "rosa@example.org", OFFICER, DutyKind.GRIEVANCE)
    on_duty(session, "derek@example.org", OTHER_OFFICER, DutyKind.GRIEVANCE)
    on_duty(session, "admin@example.org", ADMIN, DutyKind.ON_CALL, Role.ADMIN)
    talk = talking(session)
    text = talk.write(ANA, "Derek from the committee keeps touching me at meetings")
    assert text.restricted
    assert rung(talk, OFFICER, OTHER_OFFICER, ADMIN, FIRST) == [OFFICER]
    talk.now += timedelta(minutes=45)
    assert rung(talk, OFFICER, OTHER_OFFICER, ADMIN, FIRST) == [OFFICER]
    assert talk.write(ANA, "are you there?").restricted
    eyes = {
        who: may_see_thread(session, text.number_id, viewer_of(session, f"{who}@example.org"))
        for who in ("rosa", "derek", "admin")
    }
    assert eyes == {"rosa": True, "derek": False, "admin": False}
    line = session.scalars(select(AuditEvent).where(AuditEvent.act == "sensitive text came in")).one()
    assert line.restricted


def test_stop_harassing_me_is_an_opt_out_and_calls_nobody(session: Session) -> None:
    talk = talking(session)
    talk.write(ANA, "stop harassing me")
    assert talk.number(ANA).texts_opted_out_at == NOW
    assert rung(talk, FIRST) == []


def test_a_case_that_somebody_opened_rings_no_more_until_they_write_again_later(session: Session) -> None:
    talk = talking(session)
    talk.write(ANA, "I want to kill myself")
    assert rung(talk, FIRST) == [FIRST]
    with transaction() as opening:
        case = opening.scalars(select(SensitiveCase)).one()
        case.seen_at, case.seen_by, case.ring_at = talk.now, "luz@example.org", None
    talk.now += timedelta(minutes=10)
    talk.write(ANA, "I have the pills in front of me")
    assert rung(talk, FIRST, SECOND) == []
    talk.now += timedelta(minutes=10)
    talk.write(ANA, "I have the pills in front of me")
    assert rung(talk, FIRST, SECOND) == [FIRST]
    assert the_case().rings == 1


def test_what_was_for_the_officers_stays_theirs_when_the_case_is_over(session: Session) -> None:
    for email, phone in (("rosa@example.org", OFFICER), ("derek@example.org", OTHER_OFFICER)):
        on_duty(session, email, phone, DutyKind.GRIEVANCE)
    talk = talking(session)
    talk.write(ANA, "someone at the last meeting harassed me")
    text = talk.write(ANA, "it was Derek at the meeting who grabbed me")
    with transaction() as acting:
        officers.exclude_officer(acting, talk.number(ANA), "derek@example.org", "rosa@example.org", talk.now)
        release_hold(acting, Handling(text.id, text.id, "rosa@example.org", talk.now))
    talk.now += timedelta(hours=1)
    asked = talk.write(ANA, "is there parking on Saturday?")
    assert talk.number(ANA).automation_held_at is None
    seen = {}
    for who in ("rosa", "derek", "admin"):
        viewer = viewer_of(session, f"{who}@example.org")
        page = inbox_page(session, Look(viewer, talk.now, talk.settings.zone))
        shown = [item.text.body for item in page.waiting]
        thread = [each.body for each in thread_of(session, text.number_id, viewer) if each.direction == "in"]
        seen[who] = (shown, thread)
    assert seen["rosa"][0] == ["someone at the last meeting harassed me"]
    assert seen["derek"] == seen["admin"]
    assert seen["admin"] == ([asked.body], [asked.body])


def test_a_later_text_that_names_an_officer_keeps_the_complaint_from_them(session: Session) -> None:
    on_duty(session, "derek@example.org", OTHER_OFFICER, DutyKind.GRIEVANCE)
    talk = talking(session)
    text = talk.write(ANA, "someone at the last meeting harassed me")
    assert may_see_thread(session, text.number_id, viewer_of(session, "derek@example.org"))
    assert officers.complaints_that_nobody_sees(session) == 0
    talk.write(ANA, "Derek it was")
    assert not may_see_thread(session, text.number_id, viewer_of(session, "derek@example.org"))
    assert officers.complaints_that_nobody_sees(session) == 1


def test_once_another_may_hold_the_phone_nothing_is_said_whatever_comes(session: Session) -> None:
    talk = talking(session)
    for body in ("mi pareja me pega", "me quiero morir", "HELP", "please stop texting me"):
        talk.write(ANA, body)
        talk.wait(hours=1)
    assert talk.heard(ANA) == []
    assert talk.number(ANA).texts_opted_out_at is not None
