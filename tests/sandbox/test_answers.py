from outreach.sandbox.answers import choose_answers
from outreach.sandbox.members import Member


def make_member(number: int, language: str) -> Member:
    return Member(number, f"+1213555{100 + number:04d}", "", language, number, unanswered=True)


def test_sixty_answers_hold_a_bit_of_everything_in_both_languages() -> None:
    members = [make_member(number, "es" if number % 2 else "en") for number in range(60)]
    answers = [body for _, body in choose_answers(members)]
    assert {"1", "2", "STOP", "ALTO", "please stop texting me", "wrong number"} <= set(answers)
    assert {"I need childcare", "necesito cuidado de niños", "maybe, depends on work", "¿Dónde es?"} <= set(answers)
    assert 20 <= sum(body in {"1", "2"} for body in answers) <= 40


def test_the_same_members_give_the_same_answers() -> None:
    members = [make_member(number, "en") for number in range(10)]
    assert list(choose_answers(members)) == list(choose_answers(members))
