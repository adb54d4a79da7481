from outreach.texting.crowding import TOO_MANY, Crowding
from outreach.texting.twilio import Outcome, Result

GOOD, CROWDED = Outcome(Result.ACCEPTED, sid="SM1"), Outcome(Result.NOT_PROCESSED, code=TOO_MANY)


def test_a_429_halves_the_calls_and_what_ran_beside_it_does_not_halve_them_again() -> None:
    crowding = Crowding(16)
    for running in range(15, -1, -1):
        crowding.learn(CROWDED, running)
    assert crowding.at_once == 8
    crowding.learn(CROWDED, 7)
    assert crowding.at_once == 4


def test_calls_that_go_well_add_one_a_round_up_to_the_setting() -> None:
    crowding = Crowding(4)
    crowding.learn(CROWDED, 0)
    assert crowding.at_once == 2
    for _ in range(3):
        crowding.learn(GOOD, 0)
    assert crowding.at_once == 3
    for _ in range(40):
        crowding.learn(GOOD, 0)
    assert crowding.at_once == 4


def test_one_call_at_a_time_always_goes_on() -> None:
    crowding = Crowding(2)
    for _ in range(5):
        crowding.learn(CROWDED, 0)
    assert crowding.at_once == 1


def test_a_call_that_failed_in_another_way_says_nothing_of_crowds() -> None:
    crowding = Crowding(8)
    crowding.learn(Outcome(Result.NOT_PROCESSED), 0)
    crowding.learn(Outcome(Result.UNKNOWN), 0)
    assert crowding.at_once == 8
