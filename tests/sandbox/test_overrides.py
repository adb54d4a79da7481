import pytest

from outreach.sandbox.overrides import Overrides, read_overrides


def test_without_a_fragment_only_a_failed_connection_is_retried_once() -> None:
    url, overrides = read_overrides("http://127.0.0.1/x?id=1")
    assert url == "http://127.0.0.1/x?id=1"
    assert overrides == Overrides(5000, 15_000, 15_000, 1, frozenset({"ct"}))


def test_the_fragment_sets_retries_and_is_taken_off() -> None:
    url, overrides = read_overrides("http://127.0.0.1/x#rc=3&rp=ct,rt,5xx&rt=900")
    assert url == "http://127.0.0.1/x"
    assert (overrides.retries, overrides.read) == (3, 900)
    assert overrides.policies == {"ct", "rt", "5xx"}


@pytest.mark.parametrize(
    ("fragment", "name", "value"),
    [("rc=9", "retries", 5), ("rt=1", "read", 100), ("ct=99999", "connect", 10_000), ("rc=many", "retries", 1)],
)
def test_values_out_of_range_are_clamped(fragment: str, name: str, value: int) -> None:
    assert getattr(read_overrides(f"http://127.0.0.1/x#{fragment}")[1], name) == value


@pytest.mark.parametrize(
    ("policies", "status", "retried"),
    [
        ("5xx", 503, True),
        ("5xx", 404, False),
        ("4xx", 404, True),
        ("all", 500, True),
        ("all", 200, False),
        ("ct", 500, False),
    ],
)
def test_policies_say_which_statuses_are_retried(policies: str, status: int, *, retried: bool) -> None:
    assert read_overrides(f"http://127.0.0.1/x#rp={policies}")[1].retries_status(status) is retried
