import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.sandbox import magic
from outreach.sandbox.steps import plan_steps, statuses_of
from tests.sandbox.factories import MEMBER, make_config


def test_a_text_is_sent_then_delivered() -> None:
    assert [status for status, _ in statuses_of(MEMBER, None, with_service=False)] == ["sent", "delivered"]


def test_a_service_queues_first() -> None:
    assert [status for status, _ in statuses_of(MEMBER, None, with_service=True)] == ["queued", "sent", "delivered"]


@pytest.mark.parametrize("code", sorted(magic.DELIVERY_CODES.values()))
def test_every_delivery_code_ends_in_failed_or_undelivered(code: int) -> None:
    status, last_code = statuses_of(MEMBER, code, with_service=False)[-1]
    assert last_code == code
    assert status == ("failed" if code in magic.NEVER_LEFT else "undelivered")


def test_a_carrier_without_receipts_leaves_it_at_sent() -> None:
    assert statuses_of(magic.SILENT_RECIPIENT, None, with_service=False) == [("sent", None)]


@given(st.integers(), st.sampled_from(["number", "service"]), st.sampled_from([None, 30003, 30007, 30036]))
def test_disturbed_plans_still_apply_every_status_in_order_and_post_each(
    seed: int, sender: str, code: int | None
) -> None:
    statuses = statuses_of(MEMBER, code, with_service=sender == "service")
    config = make_config(shuffle=0.5, duplicate=0.5, early=0.5, callback_delay=(0.01, 1.0))
    steps = plan_steps(statuses, config, random.Random(seed))
    applied = sorted((step for step in steps if step.applies), key=lambda step: step.after)
    assert [(step.status, step.error_code) for step in applied] == statuses
    assert {step.status for step in steps if step.posts} == {status for status, _ in statuses}
    for step in steps:
        true = next(other for other in applied if other.status == step.status)
        assert step.after >= true.after


@given(st.integers())
def test_equal_seeds_give_equal_plans(seed: int) -> None:
    config = make_config(shuffle=0.5, duplicate=0.5, early=0.5)
    statuses = statuses_of(MEMBER, None, with_service=True)
    assert plan_steps(statuses, config, random.Random(seed)) == plan_steps(statuses, config, random.Random(seed))
