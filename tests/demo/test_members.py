import re
from collections import Counter

from outreach.demo.gatherings import PAST
from outreach.demo.members import AREA_CODES, GROUPS, Wish, invented_members
from outreach.settings import SANDBOX_ON_CALL, SANDBOX_SENDER


def test_three_hundred_members_have_fictional_numbers_that_nobody_else_of_the_demo_has() -> None:
    members = invented_members()

    assert len(members) == 300
    assert all(re.fullmatch(rf"\+1({'|'.join(AREA_CODES)})55501\d\d", member.phone) for member in members)
    assert not {SANDBOX_SENDER, SANDBOX_ON_CALL} & {member.phone for member in members}


def test_exactly_one_number_is_shared_by_people_who_both_can_be_texted() -> None:
    members = invented_members()
    [(phone, sharing)] = [pair for pair in Counter(member.phone for member in members).items() if pair[1] > 1]

    assert sharing == 2
    assert {member.wish for member in members if member.phone == phone} == {Wish.NONE}


def test_nobody_is_called_like_somebody_else() -> None:
    named = [(member.first_name, member.last_name) for member in invented_members() if member.first_name]

    assert len(set(named)) == len(named)


def test_a_third_speaks_spanish_a_few_have_no_name_and_some_have_accents() -> None:
    members = invented_members()

    assert 90 <= sum(member.language == "es" for member in members) <= 120
    assert 1 <= sum(not member.first_name for member in members) <= 5
    assert any(not member.first_name.isascii() for member in members)
    assert any(member.language is None for member in members)


def test_every_group_can_mostly_be_texted() -> None:
    members = invented_members()

    for group in GROUPS:
        kind = [m for m in members if (m.standing, m.came_to) == (group.standing, group.came_to)]
        assert sum(member.wish is Wish.NONE for member in kind) >= len(kind) * 0.7


def test_the_same_members_are_made_every_time() -> None:
    assert invented_members() == invented_members()


def test_whoever_came_to_something_came_to_a_session_that_is_over() -> None:
    places = {member.came_to for member in invented_members()} - {None}

    assert places == set(range(len(PAST)))
