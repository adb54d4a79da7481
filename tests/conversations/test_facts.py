from tests.conversations.factories import make_facts, offered

FACTS = make_facts(offered(1), offered(2, place="Zoom"), offered(3, place=""))


def test_the_menu_is_numbered_and_one_session_stands_alone() -> None:
    assert FACTS.menu((1, 2)) == "1) Sat Dec 12 10am Boyle Heights 2) Sat Dec 13 10am Zoom"
    assert FACTS.menu((3,)) == "Sat Dec 14 10am"
    assert not FACTS.menu(())


def test_numbers_stay_when_a_session_is_over() -> None:
    facts = make_facts(offered(1, is_open=False), offered(2, place="Zoom"))
    assert facts.menu((1, 2)) == "2) Sat Dec 13 10am Zoom"
    assert facts.menu((2, 1)) == "1) Sat Dec 13 10am Zoom"


def test_a_menu_of_which_all_is_over_is_still_worded() -> None:
    assert make_facts(offered(1, is_open=False)).menu((1,)) == "Sat Dec 12 10am Boyle Heights"


def test_sessions_that_are_unknown_are_left_out() -> None:
    assert FACTS.menu((9, 2)) == "2) Sat Dec 13 10am Zoom"
    assert not FACTS.labels((9,))


def test_several_are_joined_in_their_language() -> None:
    assert FACTS.labels((1, 2)) == "Sat Dec 12 10am and Sat Dec 13 10am"
    assert FACTS.place((1, 2, 3)) == "Boyle Heights and Zoom"
    assert make_facts(offered(1), offered(2), language="es").labels((1, 2)) == "Sat Dec 12 10am y Sat Dec 13 10am"
    assert make_facts(offered(1), offered(2)).place((1, 2)) == "Boyle Heights"


def test_moments_and_days_are_worded_in_the_persons_zone_and_language() -> None:
    spanish = make_facts(language="es")
    assert FACTS.moment("2026-12-13T02:30:00+00:00") == "Sat Dec 12 6:30pm"
    assert spanish.moment("2026-12-13T02:30:00+00:00") == "sáb 12 dic 6:30pm"
    assert FACTS.day("2027-01-05") == "Tue Jan 5"
    assert spanish.day("2027-01-05") == "mar 5 ene"
    assert not FACTS.day(None)
    assert not FACTS.moment("")


def test_only_open_sessions_are_offered() -> None:
    facts = make_facts(offered(1, is_open=False), offered(2, has_seats=False))
    assert [session.id for session in facts.open_sessions] == [2]
