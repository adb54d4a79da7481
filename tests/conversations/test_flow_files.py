"""One mistake each: exactly the right complaint, at the right line, with a mend."""

import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from outreach.conversations.flow_files import LARGEST_FILE, SHIPPED, FlowFileError, flow_paths, load_flow, load_flows

GOOD = """\
title: Invite to a class
needs: {sessions: training_sessions}
languages: [en, es]
expires: 14 days
start: invite
steps:
  invite:
    ask: choice of sessions
    text:
      en: "Hi {first_name}, {who}. {menu}. Which? STOP to opt out"
      es: "Hola {first_name}, {who}. {menu}. ¿Cuál? ALTO = salir"
    on:
      choice: book
      question: person
    unclear:
      say:
        en: "Which number? {menu}"
        es: "¿Qué número? {menu}"
      then: person
    silence:
      - after: 2 days
        at: "17:30"
        say:
          en: "Still time: {menu}"
          es: "Todavía hay tiempo: {menu}"
      - {after: 5 days, end: no_answer}
  book:
    do: rsvp yes
    on: {booked: done, waitlisted: done, closed: done}
  done:
    say:
      en: "Thank you."
      es: "Gracias."
    end: booked
"""


class Mistake(NamedTuple):
    """What is put in place of what; the line that is named, what is complained of, and the mend."""

    old: str
    new: str
    line: int
    what: str
    mend: str


MISTAKES = {
    "a misspelt key": Mistake(
        "    unclear:\n",
        "    uncler:\n",
        15,
        "unknown key “uncler”",
        "Did you mean “unclear”?",
    ),
    "a misspelt key at the top": Mistake("title:", "titel:", 1, "unknown key “titel”", "Did you mean “title”?"),
    "a misspelt question": Mistake(
        "ask: choice of sessions",
        "ask: choise of sessions",
        8,
        "unknown question “choise of sessions”",
        "Did you mean “choice of sessions”?",
    ),
    "a misspelt act": Mistake(
        "do: rsvp yes", "do: rsvp yess", 28, "unknown act “rsvp yess”", "Did you mean “rsvp yes”?"
    ),
    "a misspelt answer": Mistake("choice: book", "choise: book", 13, "unknown key “choise”", "Did you mean “choice”?"),
    "a misspelt result": Mistake("booked: done", "boked: done", 29, "unknown key “boked”", "Did you mean “booked”?"),
    "a step that is not there": Mistake(
        "choice: book", "choice: bok", 13, "there is no step “bok”", "Did you mean “book”?"
    ),
    "a start that is not there": Mistake(
        "start: invite", "start: invit", 5, "there is no step “invit”", "mean “invite”?"
    ),
    "a missing language": Mistake(
        '      en: "Thank you."\n',
        "",
        31,
        "the en wording is missing",
        "Add “en:” beside the other language",
    ),
    "an empty wording": Mistake('"Gracias."', '""', 31, "the es wording is missing", "Add “es:”"),
    "a language that is none": Mistake(
        '      es: "Gracias."', '      fr: "Merci."', 33, "unknown key “fr”", "Use one of: en, es"
    ),
    "languages that are not both": Mistake(
        "[en, es]", "[en]", 3, "the languages are not en and es", "languages: [en, es]"
    ),
    "an unknown placeholder": Mistake(
        "Thank you.",
        "Thank you, {first_nam}.",
        32,
        "unknown placeholder {first_nam}",
        "Did you mean “first_name”?",
    ),
    "a placeholder with a space": Mistake(
        "Thank you.", "Thanks {first name}.", 32, "a brace stands alone", "as {first_name}"
    ),
    "a lone brace": Mistake("Thank you.", "Thank you }", 32, "a brace stands alone", "Write it as {first_name}"),
    "no silence": Mistake(
        GOOD[GOOD.index("    silence:") : GOOD.index("  book:")],
        "",
        7,
        "the question “invite” has no “silence”",
        "Add",
    ),
    "no unclear": Mistake(
        GOOD[GOOD.index("    unclear:") : GOOD.index("    silence:")],
        "",
        7,
        "the question “invite” has no “unclear”",
        "Add",
    ),
    "silence without an end": Mistake(
        "      - {after: 5 days, end: no_answer}\n",
        "",
        20,
        "the silence ladder has no end",
        "as its last rung",
    ),
    "silence after the end": Mistake(
        "expires: 14 days", "expires: 5 days", 26, "the whole conversation expires before this rung", "Shorten “after:”"
    ),
    "a rung that does nothing": Mistake(
        "{after: 5 days, end: no_answer}",
        "{after: 5 days}",
        26,
        "either says something or ends",
        "“say:” or “end:”",
    ),
    "a duration that is none": Mistake("after: 2 days", "after: 2 dayz", 21, "“2 dayz” is no duration", "“5 days”"),
    "a duration of nothing": Mistake("expires: 14 days", "expires: 0 days", 4, "“0 days” is no duration", "“5 days”"),
    "a time that is none": Mistake('at: "17:30"', 'at: "25:30"', 22, "“25:30” is no time of day", 'as "17:30"'),
    "an unquoted time": Mistake('at: "17:30"', "at: 5pm", 22, "“5pm” is no time of day", 'in quotes, as "17:30"'),
    "a reserved word": Mistake(
        "Still time: {menu}",
        "Reply YES: {menu}",
        24,
        "the text asks for YES, which Twilio or the law claims",
        "a digit",
    ),
    "a reserved word in small letters": Mistake(
        "Thank you.", "Text help to us.", 32, "the text asks for HELP", "a digit"
    ),
    "a reserved word that stands alone": Mistake(
        "Gracias.", "Gracias. NO = otro.", 33, "the text asks for NO", "LUEGO"
    ),
    "no organisation in the first text": Mistake(
        "Hi {first_name}, {who}.",
        "Hi {first_name}.",
        10,
        "does not say which organisation",
        "Put {who} or {org} in it",
    ),
    "no STOP in the first text": Mistake(
        "STOP to opt out", "Thanks", 10, "does not say how to stop texts", "End it with STOP"
    ),
    "no ALTO in the first text": Mistake(
        "ALTO = salir", "STOP = salir", 11, "does not say how to stop texts", "with ALTO"
    ),
    "a control character": Mistake('"Thank you."', '"Thank\\ayou."', 32, "holds a control character", "Take it out"),
    "a sign that nobody sees": Mistake(
        "Thank you.", "Thank\u200b you.", 32, "holds a control character", "Take it out"
    ),
    "a sign that turns the text around": Mistake(
        '"Gracias."', '"\\u202eGracias."', 33, "holds a control character", "Take it out"
    ),
    "a raw control character": Mistake(
        "Thank you.", "Thank\x07you.", 32, "the file holds a control character", "Take it out"
    ),
    "nothing after a text": Mistake("    end: booked\n", "", 30, "after “done” nothing follows", "Add “then: STEP”"),
    "two things after a text": Mistake(
        "    end: booked\n", "    end: booked\n    then: book\n", 30, "both “then” and “end”", "Take"
    ),
    "an outcome without a name": Mistake(
        "    end: booked\n", "    end:\n", 30, "“None” is no outcome", "such as no_answer"
    ),
    "a result that is forgotten": Mistake(
        ", closed: done}",
        "}",
        27,
        "“book” does not say what follows “closed”",
        "Add “closed: STEP”",
    ),
    "a step of no kind": Mistake(
        "do: rsvp yes", "dew: rsvp yes", 27, "“book” is not one of ask, say, do, branch", "exactly one"
    ),
    "a step named person": Mistake(
        "  done:\n",
        '  person: {say: {en: "a", es: "b"}, end: x}\n  done:\n',
        30,
        "“person” is no step's name",
        "another name",
    ),
    "an unreachable step": Mistake(
        "  done:\n",
        '  lonely:\n    say: {en: "a", es: "b"}\n    end: x\n  done:\n',
        30,
        "no step leads to “lonely”",
        "take it out",
    ),
    "a loop without a wait": Mistake(
        "    end: booked\n",
        "    then: book\n",
        27,
        "“book” comes back to itself without waiting",
        "question in between",
    ),
    "needs that are a list": Mistake(
        "{sessions: training_sessions}", "[sessions]", 2, "this is not a list of keys", "Write it so"
    ),
    "a purpose that is none": Mistake(
        "start: invite", "purpose: aks\nstart: invite", 5, "unknown purpose “aks”", "mean “ask”?"
    ),
    "a missing start": Mistake("start: invite\n", "", 1, "“start” is missing", "Add “start:”"),
    "no steps": Mistake(GOOD[GOOD.index("  invite:") :], "", 1, "“steps” is missing", "Add “steps:”"),
    "a tab": Mistake(
        "  invite:\n", "\tinvite:\n", 7, "found character a tab that cannot start any token", "spaces, no tabs"
    ),
    "a key twice": Mistake("title:", "title: First\ntitle:", 2, 'found duplicate key "title"', "Mend the YAML here"),
    "an open quote": Mistake('"Gracias."', '"Gracias.', 35, "found unexpected end of stream", "quotes around texts"),
    "an anchor": Mistake("steps:\n", "steps: &all\n", 6, "anchors are not used in flow files", "Write the words out"),
    "an alias in a list": Mistake(
        "[en, es]", "[&en en, *en]", 3, "anchors are not used in flow files", "Write the words out"
    ),
    "a tag": Mistake(
        "title: Invite", "title: !!python/object:os.system Invite", 1, "tags are not used", "Write the words out"
    ),
    "an answer that no question knows": Mistake(
        "choice: book", "picked: book", 13, "unknown key “picked”", "Use one of: choice, yes"
    ),
    "a question without answers": Mistake(
        "    on:\n      choice: book\n      question: person\n",
        "    on: {}\n",
        7,
        "no answer to “invite” leads anywhere",
        "Add “on:",
    ),
    "a version to come": Mistake(
        "title: Invite", "version: 2\ntitle: Invite", 1, "“2” is no version", "Write version: 1"
    ),
    "a goal that nothing ends with": Mistake(
        "start: invite", "goal: [boked]\nstart: invite", 5, "no step ends with “boked”", "Did you mean “booked”?"
    ),
    "a short link": Mistake(
        "Thank you.", "Thank you. See bit.ly/abc", 32, "bit.ly hides where it leads", "Write the whole address"
    ),
    "a link in the first text": Mistake(
        "Which? STOP", "https://example.org Which? STOP", 10, "the first text holds a link", "once they have answered"
    ),
    "a fact in one language alone": Mistake(
        "Thank you.", "Thank you. {place}", 33, "{place} stands in one language alone", "Say the same in both"
    ),
    "a text of three segments": Mistake(
        "Gracias.", f"Gracias. ¿Sí? {'Es largo. ' * 13}", 33, "3 segments", "Shorten it to 2"
    ),
    "a greeting that María makes too long": Mistake(
        '"Thank you."\n      es: "Gracias."',
        f'"Thank you, {{first_name}}. {"So nice! " * 13}"\n      es: "Gracias, {{first_name}}."',
        32,
        "it greets by name and is",
        "Shorten it to 134",
    ),
    "a placeholder inside a name": Mistake(
        "title: Invite to",
        "title: Invite {first_name} to",
        1,
        "a placeholder inside a name is never filled",
        "Write it out",
    ),
    "a step's name with a space": Mistake(
        "  done:\n",
        '  all done: {say: {en: "a", es: "b"}, end: x}\n  done:\n',
        30,
        "“all done” is no step's name",
        "small letters",
    ),
    "a keyword that is claimed": Mistake(
        "start: invite",
        "keywords: {en: [STOP], es: [CLASES]}\nstart: invite",
        5,
        "STOP means something else already",
        "Take another word",
    ),
    "a keyword of two words": Mistake(
        "start: invite",
        "keywords: {en: [SIGN UP], es: [CLASES]}\nstart: invite",
        5,
        "“SIGN UP” is not one word of letters",
        "Write it so",
    ),
    "a moment that nobody knows": Mistake(
        "after: 2 days", "when: 2 days after lunch", 21, "unknown moment “lunch”", "Use one of: invitation"
    ),
    "a day before what comes by itself": Mistake(
        "after: 2 days", "when: 2 days before rsvp", 21, "nobody knows what is before “rsvp”", "Write “after”"
    ),
    "an act without what it needs": Mistake(
        "    do: rsvp yes\n    on: {booked: done, waitlisted: done, closed: done}",
        "    do: tag\n    on: {noted: done}",
        27,
        "this is not a list of keys",
        "with: {tag: …}",
    ),
    "an act with what it does not know": Mistake(
        "    do: rsvp yes\n    on: {booked: done, waitlisted: done, closed: done}",
        "    do: call task\n    with: {because: lost, wthin: 2 days}\n    on: {noted: done}",
        29,
        "unknown key “wthin”",
        "Did you mean “within”?",
    ),
    "a choice without options": Mistake(
        "ask: choice of sessions", "ask: choice", 7, "a choice has two to 9 options", "{name: im_in"
    ),
    "a second document": Mistake("steps:\n", "---\nsteps:\n", 6, "found another document", "Mend the YAML here"),
}


def complaints_about(path: Path) -> tuple[str, ...]:
    with pytest.raises(FlowFileError) as error:
        load_flow(path)
    return error.value.lines


def test_the_flow_that_is_spoilt_below_is_good(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_flow(path).flow.steps.keys() == {"invite", "book", "done"}


def spoil(folder: Path, mistake: Mistake) -> Path:
    assert mistake.old in GOOD
    path = folder / "spoilt.yaml"
    path.write_text(GOOD.replace(mistake.old, mistake.new, 1), encoding="utf-8")
    return path


# Where the mistake hides or leaves out a part, what leads there is complained of too.
SEVERAL = frozenset({"a choice without options"})


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_draws_exactly_its_complaint_at_its_line_with_its_mend(tmp_path: Path, name: str) -> None:
    mistake = MISTAKES[name]
    path = spoil(tmp_path, mistake)
    lines = complaints_about(path)
    here = [line for line in lines if line.startswith(f"{path}:{mistake.line}: ")]
    assert any(mistake.what in line and mistake.mend in line for line in here), lines
    assert name in SEVERAL or len(lines) == 1, lines


BRANCHES = {
    "a condition on the last case": ("[{when: {sessions: 1}, then: say}]", "the last case has a condition"),
    "a fact that is none": ("[{when: {session: 1}, then: say}, {then: say}]", "unknown key “session”"),
    "a number that is a word": ("[{when: {sessions: '1'}, then: say}, {then: say}]", "“1” is not what sessions can be"),
    "a number that is a truth": ("[{when: {sessions: true}, then: say}, {then: say}]", "is not what sessions can be"),
    "a truth that is a word": (
        "[{when: {needs_told: 'yes'}, then: say}, {then: say}]",
        "is not what needs_told can be",
    ),
    "no cases": ("[]", "a branch is a list of cases"),
    "a case that leads nowhere": ("[{when: {sessions: 1}}, {then: say}]", "there is no step “None”"),
}


@pytest.mark.parametrize(("cases", "what"), BRANCHES.values(), ids=BRANCHES)
def test_a_branch_is_checked_case_by_case(tmp_path: Path, cases: str, what: str) -> None:
    path = tmp_path / "branching.yaml"
    path.write_text(
        textwrap.dedent(f"""\
            title: Branch
            expires: 1 day
            start: choose
            steps:
              choose:
                branch: {cases}
              say:
                say: {{en: "This is {{org}}. STOP", es: "Es {{org}}. ALTO"}}
                end: over
        """),
        encoding="utf-8",
    )
    lines = complaints_about(path)
    assert any(what in line and line.startswith(f"{path}:6: ") for line in lines), lines


STEPS_OF_THE_BOMB = zip("abcdefgh", "bcdefghi", strict=True)
BOMB = "a: [&a 1, 2]\n" + "".join(
    f"{new}: [&{new} [*{old}, *{old}, *{old}]]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "this is not a list of keys"),
        (b"# nothing but a comment\n", "this is not a list of keys"),
        (b"- a\n- b\n", "this is not a list of keys"),
        (b"just words\n", "this is not a list of keys"),
        ("title: Taller de María\n".encode("latin-1"), "the file is not UTF-8. Save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "the file is not UTF-8"),
        (b"title: [" + b"[" * 50_000, "nested too deeply"),
        (BOMB.encode(), "anchors are not used in flow files"),
        (b"title: x\n" + b"# filler\n" * (LARGEST_FILE // 9 + 1), f"the file is larger than {LARGEST_FILE} bytes"),
        (b"steps: [" + b"1, " * 1_700_000 + b"1]\n", f"the file is larger than {LARGEST_FILE} bytes"),  # 5 MB
        (b"title: 2026-12-01\nexpires: 1 day\nstart: 1\nsteps: 5\n", "there are no steps"),
        (b"title: x\nexpires: 1 day\nstart: a\nsteps: {a: 5}\n", "is not one of ask, say, do, branch"),
        (b"title: x\nexpires: 1 day\nstart: a\nsteps: {a: {say: 5, end: x}}\n", "this is not a list of keys"),
        (b"title: x\nexpires: 1 day\nstart: a\nsteps: {a: {ask: yes or no, on: 5}}\n", "this is not a list of keys"),
        (b"title: .inf\nexpires: .nan\nstart: a\nsteps: {a: {do: 5}}\n", "is no duration"),
    ],
    ids=lambda value: None if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_no_flow_at_all_is_refused_in_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    lines = complaints_about(path)
    assert any(complaint in line for line in lines), lines
    assert all(line.startswith(f"{path}:") for line in lines)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    assert "cannot be read" in complaints_about(tmp_path / "missing.yaml")[0]


def test_a_date_for_a_title_is_a_word(tmp_path: Path) -> None:
    path = tmp_path / "dated.yaml"
    path.write_text(GOOD.replace("Invite to a class", "2026-12-01"), encoding="utf-8")
    assert load_flow(path).definition["title"] == "2026-12-01"


def test_an_ampersand_in_a_text_is_no_anchor(tmp_path: Path) -> None:
    path = tmp_path / "ampersand.yaml"
    path.write_text(GOOD.replace("Thank you.", "Q: & A. Msg & data rates"), encoding="utf-8")
    assert load_flow(path).flow.name == "ampersand"


def test_the_same_flow_has_the_same_checksum_however_it_is_laid_out(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(GOOD, encoding="utf-8")
    second.write_text(f"# a comment\n{GOOD}\n\n", encoding="utf-8")
    assert load_flow(first).checksum == load_flow(second).checksum


def test_a_folder_adds_to_and_replaces_the_shipped_flows(tmp_path: Path) -> None:
    for name in ("invite", "picnic"):
        (tmp_path / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    paths = flow_paths(tmp_path)
    assert paths["invite"].parent == tmp_path
    assert paths["picnic"].parent == tmp_path
    assert paths["reminder"].parent == SHIPPED


def test_complaints_about_all_files_come_together(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("title:", "titel:"), encoding="utf-8")
    with pytest.raises(FlowFileError) as error:
        load_flows(tmp_path)
    assert {Path(line.partition(":")[0]).stem for line in error.value.lines} == {"one", "two"}
    assert error.value.exit_status == 2


def test_two_files_of_one_name_and_one_that_would_be_passed_over_are_refused(tmp_path: Path) -> None:
    for name in ("picnic.yaml", "picnic.yml", "outing.YML"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    with pytest.raises(FlowFileError) as error:
        load_flows(tmp_path)
    assert error.value.lines == (
        f"{tmp_path}/outing.YML:1: a flow's file ends with .yaml: it is passed over. Call it outing.yaml",
        f"{tmp_path}/picnic.yml:1: picnic.yaml bears the same name. Take one of them away",
    )


def test_the_shipped_flows_are_good() -> None:
    assert {"invite", "reminder"} <= load_flows().keys()
