from datetime import timedelta
from unittest.mock import Mock

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach import clock
from outreach.people.models import PhoneNumber
from outreach.sandbox.faults import Door, Fault, FaultKind
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting import settling
from outreach.texting.models import ProviderId, Text, TextStatus
from outreach.texting.settling import ATTEMPTS_AT_MOST, BATCH, IN_FLIGHT, mark_unknown, settle
from outreach.texting.twilio import Found, Outgoing, Result, send_text
from tests.people.factories import any_phone
from tests.texting.factories import NOW, SENDER, claimed_text, make_text, textable_number

LONG_AGO = timedelta(seconds=90)


def unknown_text(session: Session, **facts: object) -> Text:
    """Return a text of which nobody knows whether Twilio took it, old enough to be looked up."""
    then = clock.now() - LONG_AGO
    given = {"status": TextStatus.UNKNOWN, "settle_at": then, "now": then}
    return claimed_text(session, **(given | facts))  # type: ignore[arg-type] # any facts


def hand_over(client: Client, session: Session, text: Text) -> str:
    """Let Twilio take a text, behind our back."""
    outcome = send_text(client, Outgoing(phone_of(session, text), SENDER, text.body, "http://127.0.0.1:9/s", 600))
    assert outcome.result is Result.ACCEPTED
    return outcome.sid or ""


def phone_of(session: Session, text: Text) -> str:
    return session.get_one(PhoneNumber, text.number_id).phone


def settle_once(session: Session, settings: Settings, client: Client) -> int:
    looked_up = settle(settings, client)
    session.expire_all()
    return looked_up


def test_a_text_that_twilio_lists_is_found_and_not_sent_again(
    session: Session, settings: Settings, client: Client
) -> None:
    text = unknown_text(session)
    sid = hand_over(client, session, text)
    assert settle_once(session, settings, client) == 1
    assert text.status == TextStatus.DELIVERED
    assert session.scalars(select(ProviderId.sid).where(ProviderId.text_id == text.id)).one() == sid


def test_a_text_that_twilio_does_not_list_goes_back_to_the_queue(
    session: Session, settings: Settings, client: Client
) -> None:
    text = unknown_text(session)
    assert settle_once(session, settings, client) == 1
    assert (text.status, text.claim, text.claimed_at) == (TextStatus.QUEUED, None, None)
    assert text.due_at is not None
    assert text.due_at <= clock.now()


def test_other_words_to_the_same_number_prove_nothing(session: Session, settings: Settings, client: Client) -> None:
    number = textable_number(session)
    other = make_text(session, number, body="Something else")
    hand_over(client, session, other)
    text = unknown_text(session, number=number)
    settle_once(session, settings, client)
    assert text.status == TextStatus.QUEUED


def test_the_same_words_of_last_week_prove_nothing(session: Session, settings: Settings, client: Client) -> None:
    text = unknown_text(session)
    hand_over(client, session, text)
    text.claimed_at = clock.now() + timedelta(hours=1)
    session.flush()
    settle_once(session, settings, client)
    assert text.status == TextStatus.QUEUED


def test_white_space_and_composed_letters_do_not_hide_a_text(
    session: Session, settings: Settings, client: Client
) -> None:
    text = unknown_text(session, body="Nos  vemos el sa\u0301bado\r\n")
    number = phone_of(session, text)
    send_text(client, Outgoing(number, SENDER, "Nos vemos el s\u00e1bado", "http://127.0.0.1:9/s", 600))
    settle_once(session, settings, client)
    assert text.status == TextStatus.DELIVERED


def test_of_two_texts_that_read_alike_one_alone_is_found(session: Session, settings: Settings, client: Client) -> None:
    number = textable_number(session)
    first, second = unknown_text(session, number=number), unknown_text(session, number=number)
    hand_over(client, session, first)
    assert settle_once(session, settings, client) == 2
    assert {first.status, second.status} == {TextStatus.DELIVERED, TextStatus.QUEUED}


def test_two_texts_that_read_alike_and_both_arrived_are_both_found(
    session: Session, settings: Settings, client: Client
) -> None:
    number = textable_number(session)
    texts = [unknown_text(session, number=number) for _ in range(2)]
    sids = {hand_over(client, session, text) for text in texts}
    settle_once(session, settings, client)
    assert [text.status for text in texts] == [TextStatus.DELIVERED] * 2
    assert set(session.scalars(select(ProviderId.sid))) == sids


def test_an_id_that_another_took_in_the_same_moment_proves_nothing(session: Session) -> None:
    mine, theirs = unknown_text(session), unknown_text(session)
    found = [Found("SM" + "1" * 32, "sent", None)]
    session.add(ProviderId(sid=found[0].sid, text_id=theirs.id))
    session.flush()
    # What the first look did not show yet: tie_sids is what decides.
    ours = settling._ours
    assert ours(session, settling.Unknown(mine.id, mine.number_id, any_phone(), mine.body, NOW), found) is None
    assert (
        ours(session, settling.Unknown(theirs.id, theirs.number_id, any_phone(), theirs.body, NOW), found) == found[0]
    )


def test_while_twilio_is_away_nothing_is_proved(
    session: Session, settings: Settings, client: Client, sandbox: RunningSandbox
) -> None:
    text = unknown_text(session)
    for kind in (FaultKind.STATUS, FaultKind.DROP_BEFORE):
        sandbox.sandbox.account.faults.add(Fault(kind, count=1, door=Door.READ))
        text.settle_at = clock.now() - LONG_AGO
        session.flush()
        assert settle_once(session, settings, client) == 0
        assert text.status == TextStatus.UNKNOWN
        assert text.settle_at is not None
        assert text.settle_at > clock.now()


def test_a_list_that_nobody_can_read_proves_nothing(session: Session, settings: Settings) -> None:
    text = unknown_text(session)
    unreadable = Mock(spec=Client)
    unreadable.messages.list.side_effect = ValueError
    assert settle_once(session, settings, unreadable) == 0
    assert text.status == TextStatus.UNKNOWN


def test_a_text_is_not_looked_up_before_its_time(session: Session, settings: Settings, client: Client) -> None:
    text = unknown_text(session, settle_at=clock.now() + timedelta(seconds=60))
    assert settle_once(session, settings, client) == 0
    assert text.status == TextStatus.UNKNOWN


def test_a_batch_is_small_and_the_next_look_takes_the_rest(
    session: Session, settings: Settings, client: Client
) -> None:
    number = textable_number(session)
    for _ in range(BATCH + 3):
        unknown_text(session, number=number)
    assert [settle_once(session, settings, client) for _ in range(3)] == [BATCH, 3, 0]


def test_a_text_that_never_gets_through_fails_for_a_person_to_see(
    session: Session, settings: Settings, client: Client
) -> None:
    text = unknown_text(session, attempts=ATTEMPTS_AT_MOST)
    settle_once(session, settings, client)
    assert (text.status, text.final_at is None) == (TextStatus.FAILED, False)


def test_a_claim_is_not_unknown_while_its_call_may_be_under_way(session: Session, settings: Settings) -> None:
    text = claimed_text(session)
    assert mark_unknown(session, settings, NOW + IN_FLIGHT) == 0
    assert mark_unknown(session, settings, NOW + IN_FLIGHT + timedelta(seconds=1)) == 1
    session.refresh(text)
    assert text.status == TextStatus.UNKNOWN


@pytest.mark.parametrize(("settle_after", "waits"), [(5, IN_FLIGHT.total_seconds()), (600, 600)])
def test_a_lost_claim_is_looked_up_when_both_waits_are_over(
    session: Session, settings: Settings, settle_after: int, waits: float
) -> None:
    text = claimed_text(session)
    given = settings.model_copy(update={"settle_after": settle_after})
    mark_unknown(session, given, NOW + timedelta(hours=1))
    session.refresh(text)
    assert text.settle_at == NOW + timedelta(seconds=waits)


@pytest.mark.parametrize("status", [TextStatus.QUEUED, TextStatus.SENT, TextStatus.DELIVERED, TextStatus.FAILED])
def test_only_claims_become_unknown(session: Session, settings: Settings, status: TextStatus) -> None:
    claimed_text(session, status=status)
    assert mark_unknown(session, settings, NOW + timedelta(hours=1)) == 0


def test_a_text_that_a_callback_settled_meanwhile_is_left(
    session: Session, settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = unknown_text(session)

    def called_back_meanwhile(*_: object) -> list[Found]:
        text.status = TextStatus.DELIVERED
        session.flush()
        return []

    monkeypatch.setattr(settling, "find_texts", called_back_meanwhile)
    settle_once(session, settings, client)
    assert text.status == TextStatus.DELIVERED
