from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from outreach.sandbox import magic
from outreach.sandbox.creation import read_new_text
from outreach.sandbox.errors import ApiError
from tests.sandbox.factories import MEMBER, OTHER_SENDER, SENDER, SERVICE, make_config


def read(config: Any = None, blocked: Any = (), **form: Any) -> Any:
    given = {"To": MEMBER, "From": SENDER, "Body": "hi", **form}
    items = {name: value for name, value in given.items() if value is not None}
    return read_new_text(MultiDict(items), config or make_config(), lambda scope, phone: (scope, phone) in blocked)


def refused(**form: Any) -> int:
    with pytest.raises(ApiError) as error:
        read(**form)
    assert error.value.status == 400
    return error.value.code


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": None}, 21604),
        ({"To": "2135550123"}, 21211),
        ({"To": "+12130550123"}, 21211),
        ({"To": "+447911123456"}, 21408),
        ({"To": SENDER}, 21266),
        ({"From": None}, 21603),
        ({"From": "+13105550100"}, 21606),
        ({"From": "Chapter"}, 21212),
        ({"Body": None}, 21602),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "soon"}, 21624),
        ({"StatusCallback": "not a url"}, 21609),
        ({"StatusCallback": "http://my_host/x"}, 21609),
        ({"MediaUrl": "x"}, 21620),
        ({"MessagingServiceSid": SERVICE}, 21701),
        ({"ScheduleType": "fixed"}, 35111),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(form: dict[str, Any], code: int) -> None:
    assert refused(**form) == code


@pytest.mark.parametrize(("phone", "code"), magic.RECIPIENT_CODES.items())
def test_magic_recipients_are_refused_with_their_code(phone: str, code: int) -> None:
    assert refused(To=phone) == code


@pytest.mark.parametrize(("phone", "code"), magic.SENDER_CODES.items())
def test_magic_senders_are_refused_with_their_code(phone: str, code: int) -> None:
    assert refused(From=phone) == code


@pytest.mark.parametrize("phone", [*magic.DELIVERY_CODES, magic.SILENT_RECIPIENT])
def test_numbers_that_fail_later_are_accepted(phone: str) -> None:
    assert read(To=phone).recipient == phone


def test_a_service_may_stand_alone_or_with_a_sender_of_its_pool() -> None:
    config = make_config(messaging_service_sid=SERVICE)
    assert read(config, From=None, MessagingServiceSid=SERVICE).sender is None
    assert read(config, From=OTHER_SENDER, MessagingServiceSid=SERVICE).sender == OTHER_SENDER
    assert refused(config=config, From="+13105550100", MessagingServiceSid=SERVICE) == 21712


def test_an_opt_out_closes_one_sender_without_a_service() -> None:
    assert refused(blocked={(SENDER, MEMBER)}) == 21610
    assert read(blocked={(OTHER_SENDER, MEMBER)}).recipient == MEMBER


def test_an_opt_out_closes_the_whole_service_whatever_the_sender() -> None:
    config = make_config(messaging_service_sid=SERVICE)
    assert refused(config=config, blocked={(SERVICE, MEMBER)}, From=OTHER_SENDER) == 21610
    assert refused(config=config, blocked={(SERVICE, MEMBER)}, From=None, MessagingServiceSid=SERVICE) == 21610


def test_the_longest_body_and_media_alone_are_taken() -> None:
    assert len(read(Body="á" * 1600).body) == 1600
    assert read(Body=None, MediaUrl="https://example.org/a.png").media == ("https://example.org/a.png",)
