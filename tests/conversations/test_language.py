"""The whole language on the real database: flows of all acts, begun by keyword, by enrolment, by what happened."""

import re
import textwrap
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.campaigns.launching import Plan, launch
from outreach.conversations.begins import organizing_conversation
from outreach.conversations.enrolling import enrol
from outreach.conversations.flow_files import load_flow, shipped_flows
from outreach.conversations.models import Enrolment, NotedAnswer, TaskKind
from outreach.conversations.starting import Opening, start_conversation
from outreach.conversations.versions import seed_flows
from outreach.errors import OutreachError
from outreach.people.models import Membership, Person
from outreach.texting.models import Direction, Kind, TextStatus
from outreach.trainings.attendance import close_sign_in, sign_in
from outreach.trainings.models import Rsvp, RsvpStatus
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import move_session
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

ANA, STRANGER = "+12135550101", "+12135550199"


def seed_flow(session: Session, name: str, source: str) -> None:
    seed(session)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        seed_flows(session, {**shipped_flows(), name: load_flow(path)}, NOW)
    session.flush()


def begin(session: Session, talk: Talk, flow: str, *sessions: int, **offer: object) -> None:
    """Begin a flow with Ana, as a campaign of Luz would."""
    person = session.scalars(select(Person)).one()
    given = {"sessions": list(sessions), "sender": "Luz", "organizer": "luz@example.org", **offer}
    number = talk.number(ANA)
    start_conversation(session, talk.settings, person, number, Opening(flow, given, kind=Kind.TRANSACTIONAL), talk.now)


JOIN = """
    title: Join
    purpose: answer
    keywords: {en: [JOIN], es: [UNIRSE], from: anyone}
    expires: 2 days
    start: known
    steps:
      known:
        branch:
          - {when: {consented: true, named: true}, then: welcome}
          - {then: consent}
      consent:
        ask: consent
        text: {en: "{org}: Text 1 to confirm, with your first name. STOP", es: "{org}: mande 1 y su nombre. ALTO"}
        on: {agreed: record}
        unclear: {then: person}
        silence: [{after: 1 day, end: not_confirmed}]
      record: {do: record consent, on: {noted: keep_name}}
      keep_name: {do: set fact, with: {fact: name}, on: {noted: zip}}
      zip:
        ask: zip
        text: {en: "Which ZIP code do you live in?", es: "¿En qué código postal vive?"}
        on: {given: keep_zip}
        unclear: {then: person}
        silence: [{after: 1 day, end: joined}]
      keep_zip: {do: set fact, with: {fact: zip}, on: {noted: tell_luz}}
      tell_luz:
        do: task
        with: {because: "joined by text: say hello", kind: answer, within: 2 hours, owner: luz@example.org}
        on: {noted: welcome}
      welcome:
        say: {en: "Welcome, {first_name}!", es: "¡Le damos la bienvenida, {first_name}!"}
        end: joined
"""


def test_a_stranger_joins_by_keyword_with_consent_name_and_zip(session: Session) -> None:
    seed_flow(session, "join", JOIN)
    talk = Talk()
    talk.write(STRANGER, " Unirse! ")
    assert talk.heard(STRANGER) == ["DSA-LA: mande 1 y su nombre. ALTO"]
    assert talk.number(STRANGER).consented_at is None
    talk.write(STRANGER, "1, Eva")
    assert talk.heard(STRANGER) == ["¿En qué código postal vive?"]
    assert talk.number(STRANGER).consented_at == NOW
    written = talk.write(STRANGER, "90033")
    assert talk.heard(STRANGER) == ["¡Le damos la bienvenida, Eva!"]
    person = session.scalars(select(Person)).one()
    session.refresh(person)
    assert (person.first_name, person.zip, person.source, person.speaks) == ("Eva", "90033", "texted UNIRSE", "es")
    assert person.membership is not None
    assert person.membership.standing == Membership.CONTACT
    [task] = talk.tasks()
    assert (task.kind, task.person_id, task.text_id) == (TaskKind.ANSWER, person.id, written.id)
    assert (task.owner, task.due_at) == ("luz@example.org", NOW + timedelta(hours=2))
    assert talk.conversation(STRANGER).outcome == "joined"
    talk.write(STRANGER, "JOIN")
    assert talk.heard(STRANGER) == ["¡Le damos la bienvenida, Eva!"]


def test_a_keyword_for_members_is_no_keyword_of_a_stranger(session: Session) -> None:
    seed_flow(session, "join", JOIN.replace(", from: anyone", ""))
    talk = Talk()
    assert talk.write(STRANGER, "JOIN").status == TextStatus.NEEDS_PERSON
    assert "I don't have your number" in talk.heard(STRANGER)[0]


def test_a_keyword_waits_for_nothing_and_what_was_open_goes_on_after_it(session: Session) -> None:
    seed_flow(session, "join", JOIN)
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    talk.write(ANA, "join")
    assert talk.heard(ANA) == ["Welcome, Ana!"]
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: ")


TALKATIVE = """
    title: Ask all sorts of things
    needs: {sessions: training_sessions, first_action: words}
    expires: 30 days
    start: plan
    steps:
      plan:
        ask: choice
        text: {en: "{who}: {first_action}? {options}. STOP", es: "{who}: ¿{first_action}? {options}. ALTO"}
        options: [{name: gladly, en: "gladly", es: "con gusto"}, {name: out, en: "no texts", es: "no más textos"}]
        on: {gladly: keep, out: opt_out, other: keep}
        unclear: {then: person}
        silence:
          - {when: 1 day before session, at: "11:00", then: rest}
      keep: {do: note words, with: {as: plan}, on: {noted: look}}
      look: {do: hand off, on: {noted: mark}}
      mark: {do: tag, with: {tag: keen}, on: {noted: branch}}
      branch:
        branch:
          - when: {tag: keen, rsvp: none, seats_left: at least 3, attended: 0, cohort: [new, unknown_activity]}
            then: next
          - {end: lost}
      next: {do: rsvp next, on: {booked: wait, waitlisted: wait, closed: wait}}
      wait:
        wait: 1 hour after end of session
        between: "11:00-20:00"
        on: {thanks: {end: thanked}}
        then: rate
      rate:
        ask: rating
        text: {en: "How was it, 1 to 5?", es: "¿Qué tal, del 1 al 5?"}
        on: {low: call, middle: rest, high: commit}
        unclear: {then: person}
        silence: [{after: 1 day, end: not_rated}]
      commit: {do: note rating, on: {noted: rest}}
      call: {do: call task, with: {because: "rated it low: listen"}, on: {noted: rest}}
      rest: {do: rest, with: {for: 60 days}, on: {noted: follow}}
      follow: {do: start flow, with: {flow: join}, on: {noted: bye}}
      bye:
        say: {en: "Until {until}.", es: "Hasta {until}."}
        end: rested
      opt_out: {do: opt out, on: {noted: gone}}
      gone: {branch: [{end: opted_out}]}
"""


def test_acts_of_all_kinds_and_a_wait_that_moves_with_its_session(session: Session) -> None:
    seed_flow(session, "talkative", TALKATIVE)
    make_person(session, phone=ANA)
    first = make_session(session, capacity=5)
    second = make_session(session, training=first.training, starts_at=NOW + timedelta(days=10), capacity=5)
    talk = Talk()
    begin(session, talk, "talkative", first.id, fields=both("Canvass with us"))
    assert talk.heard(ANA) == ["Luz from DSA-LA: Canvass with us? 1 = gladly 2 = no texts. STOP"]
    assert talk.write(ANA, "1").status == TextStatus.NEEDS_PERSON
    assert session.scalars(select(NotedAnswer.words).where(NotedAnswer.name == "plan")).all() == ["1"]
    [booked] = session.scalars(select(Rsvp).where(Rsvp.status == RsvpStatus.YES))
    assert booked.session_id == second.id
    assert talk.conversation(ANA).step == "wait"
    move_session(session, second.id, SessionChange(starts_at=NOW + timedelta(days=12)), talk.now)
    talk.work()
    assert "is now" in talk.heard(ANA)[-1]
    talk.wait(days=10, hours=6)
    assert "How was it, 1 to 5?" not in talk.heard(ANA)
    talk.wait(days=3)
    assert "How was it, 1 to 5?" in talk.heard(ANA)
    assert talk.newest(ANA, Direction.OUT).kind == Kind.BULK
    seed_flow(session, "join", JOIN)
    talk.write(ANA, "5")
    assert session.scalars(select(NotedAnswer.mark).where(NotedAnswer.name == "rating")).all() == [5]
    assert talk.heard(ANA) == ["Until Mon Feb 15.", "Welcome, Ana!"]


def test_no_more_texts_as_a_choice_is_an_opt_out_that_is_said_once(session: Session) -> None:
    seed_flow(session, "talkative", TALKATIVE)
    make_person(session, phone=ANA)
    talk = Talk()
    begin(session, talk, "talkative", make_session(session).id, fields={})
    talk.heard(ANA)
    talk.write(ANA, "2")
    assert talk.heard(ANA) == ["Done. DSA-LA won't text this number again. If you change your mind, text START."]
    assert talk.number(ANA).texts_opted_out_at == NOW
    assert talk.conversation(ANA).outcome == "opted_out"


HELLO = """
    title: Say hello
    purpose: about a session
    begins: [{when: WHEN, between: "11:00-20:00", name: first}]
    once_in: 30 days
    expires: 2 days
    start: which
    steps:
      which: {branch: [{when: {begun: first}, then: hello}, {then: person}]}
      hello: {say: {en: "Hello, {org}", es: "Hola, {org}"}, end: said}
"""


def test_a_flow_begins_so_long_after_attendance_and_once_for_each(session: Session) -> None:
    seed_flow(session, "hello", HELLO.replace("WHEN", "1 hour after attendance"))
    ana = make_person(session, phone=ANA)
    gathering = make_session(session, starts_at=NOW + timedelta(hours=8))  # 6 pm
    sign_in(session, gathering.id, ana.id, NOW + timedelta(hours=8))
    talk = Talk()
    talk.wait(hours=12)
    assert talk.heard(ANA) == []
    talk.wait(hours=14)
    assert talk.heard(ANA).count("Hello, DSA-LA") == 1
    talk.wait(days=1)
    assert talk.heard(ANA) == []


def test_who_was_absent_is_asked_only_after_the_close_of_sign_in_and_once_in_a_while(session: Session) -> None:
    seed_flow(session, "hello", HELLO.replace("WHEN", "1 hour after absence"))
    ana, ben = make_person(session, phone=ANA), make_person(session, "Ben Prueba", phone=STRANGER)
    talk = Talk()
    for days in (1, 2):
        gathering = make_session(session, starts_at=NOW + timedelta(days=days))
        for person in (ana, ben):
            answer(session, person.id, gathering.id, RsvpStatus.YES, now=talk.now)
        sign_in(session, gathering.id, ben.id, NOW + timedelta(days=days))
        close_sign_in(session, gathering.id, NOW + timedelta(days=days))
        session.flush()
    talk.now = NOW + timedelta(days=2, hours=1)
    talk.work()
    assert talk.heard(ANA) == ["Hello, DSA-LA"]
    assert talk.heard(STRANGER) == []
    talk.wait(days=1)
    assert set(session.scalars(select(Enrolment.because))) <= {None, "had_it_recently"}


def test_an_enrolment_says_why_it_did_not_begin(session: Session) -> None:
    seed_flow(session, "hello", HELLO.replace("WHEN", "2 days after organizing conversation"))
    ana, ben = make_person(session, phone=ANA), make_person(session, "Ben Prueba", phone=STRANGER)
    talk = Talk()
    talk.write(STRANGER, "STOP")
    for person in (ana, ben):
        organizing_conversation(session, person.id, NOW, "call 1", NOW)
        organizing_conversation(session, person.id, NOW, "call 1", NOW)
    assert enrol(session, ana.id, "missing", "test", NOW, NOW)
    talk.wait(days=3)
    assert talk.heard(ANA) == ["Hello, DSA-LA"]
    because = {(one.person_id, one.flow): one.because for one in session.scalars(select(Enrolment))}
    assert because == {(ana.id, "hello"): None, (ana.id, "missing"): "no_such_flow", (ben.id, "hello"): "not_textable"}
    assert talk.newest(ANA, Direction.OUT).kind == Kind.TRANSACTIONAL


BOTH = {"en": "rest", "es": "descanso"}


def both(words: str) -> dict[str, dict[str, str]]:
    return {"first_action": {"en": words, "es": words}}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            {},
            "hold {first_action}, which nobody has written: it would be missing for everybody. Add --words",
        ),
        (both("x" * 33), "{first_action} in en: it is 33 characters long. Keep it to 32"),
        (both("a\nb"), "{first_action} in en: it holds a line break or a control character. Write it on one line"),
        ({"first_action": {"en": "canvass"}}, "hold {first_action}, which nobody has written"),
        (both("reply YES"), "{first_action} in en: the text asks for YES, which Twilio or the law claims. Ask for a"),
        ({**both("canvass"), "last_action": BOTH}, "No text of “talkative” holds {last_action}"),
    ],
)
def test_a_campaign_does_not_start_without_the_words_of_its_texts(
    session: Session, words: dict[str, dict[str, str]], complaint: str
) -> None:
    seed_flow(session, "talkative", TALKATIVE)
    plan = Plan("talkative", "everyone", (make_session(session).id,), "Luz", "Test", NOW, words)
    with pytest.raises(OutreachError, match=re.escape(complaint)):
        launch(session, plan, "luz@example.org", NOW)


def test_what_a_campaign_writes_is_sent_as_it_stands(session: Session) -> None:
    seed_flow(session, "talkative", TALKATIVE)
    make_person(session, phone=ANA)
    talk = Talk()
    words = both("{zip} {{7*7}} $& canvass")
    plan = Plan("talkative", "everyone", (make_session(session).id,), "{first_name}", "Test", NOW, words)
    talk.feed(launch(session, plan, "luz@example.org", NOW).id)
    assert talk.heard(ANA)[0].startswith("{first_name} from DSA-LA: {zip} {{7*7}} $& canvass?")
