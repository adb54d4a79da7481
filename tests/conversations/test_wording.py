import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.conversations.wording import PLACEHOLDERS, fill, placeholders_in, stray_braces_in


@pytest.mark.parametrize(
    ("wording", "values", "filled"),
    [
        ("Hi {first_name}, it is {sender}", {"first_name": "Ana", "sender": "Luz"}, "Hi Ana, it is Luz"),
        ("Hi {first_name}, welcome", {}, "Hi, welcome"),
        ("{first_name}, welcome", {}, "welcome"),
        ("On {session}, {place}. See you", {"session": "Sat"}, "On Sat. See you"),
        ("by {deadline}, so. {sender}", {"deadline": "Sat"}, "by Sat, so."),
        ("{org}'s line", {"org": "DSA-LA"}, "DSA-LA's line"),
        ("Hi {first_name}!", {"first_name": "  Ana  "}, "Hi Ana!"),
        ("Hi {first_name}!", {"first_name": "   "}, "Hi!"),
    ],
)
def test_values_are_put_in_and_missing_ones_leave_no_hole(wording: str, values: dict[str, str], filled: str) -> None:
    assert fill(wording, values) == filled


@given(st.text().filter(lambda name: name.strip() == name != ""))
def test_a_value_is_sent_as_it_is(name: str) -> None:
    assert fill("Hi {first_name}. {menu}", {"first_name": name, "menu": "1) Sat"}) == f"Hi {name}. 1) Sat"


@pytest.mark.parametrize("value", ["{menu}", "{{7*7}}", "$&", "%s", "\\g<1>", "{first_name}"])
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    assert fill("{first_name} and {menu}", {"first_name": value, "menu": value}) == f"{value} and {value}"


def test_placeholders_are_named_in_their_order() -> None:
    assert placeholders_in("{menu} {first_name}, {menu}") == ["menu", "first_name", "menu"]
    assert set(placeholders_in(" ".join(f"{{{name}}}" for name in PLACEHOLDERS))) == PLACEHOLDERS


@pytest.mark.parametrize(
    "wording", ["{first name}", "{ org }", "{", "}", "{}", "{org", "{{org}}", "{org!r}", "{org.x}"]
)
def test_braces_that_hold_no_name_are_found(wording: str) -> None:
    assert stray_braces_in(wording)
    assert not stray_braces_in("Hi {first_name}, {who}.")
