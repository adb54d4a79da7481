"""Killing parts of the running program in the middle of its work: nobody is texted twice, nobody is forgotten."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.chaos import Chaos
from tests.faults.program import Program, phone, running_program, wait_for
from tests.redis_contents import everything_in

pytestmark = pytest.mark.fault

PEOPLE = 300
FAULTS_A_ROUND = 10
# `make soak` plays 33 rounds of ten; each round is a seed, so that it can be played again. The usual one strikes the
# worker, its group, the web, cron, both servers and Twilio, and loses, doubles and reorders webhooks.
FIRST_SEED, ROUNDS = int(os.environ.get("FAULT_SEED", "1943")), int(os.environ.get("FAULT_ROUNDS", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + ROUNDS)
# Where a soak adds up what the rounds came to, a line each.
FIGURES = os.environ.get("FAULT_FIGURES")
# A planted member: what is theirs may stand in no log and nowhere in Redis.
PLANTED = {"first_name": "Zuriñe", "Email": "zurine.planted@example.org"}
PLANTED_WORDS = "my landlord Xochiquetzal wants me out"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running_program(tmp_path_factory.mktemp("faults")) as running:
        running.import_people(PEOPLE, **PLANTED)
        yield running


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_random_faults_cost_nobody_a_text_and_double_none(program: Program, seed: int) -> None:
    chaos = Chaos(program, seed, FAULTS_A_ROUND, [phone(place) for place in range(100, PEOPLE)])
    try:
        chaos.run()
        if FIGURES:
            with Path(FIGURES).open("a") as file:
                file.write(json.dumps(chaos.figures()) + "\n")
        assert chaos.complaints() == []
    except BaseException as error:
        error.add_note(f"Seed {seed}: play it again with FAULT_SEED={seed} make test ARGS=tests/faults; {chaos.faults}")
        raise


def test_a_webhook_posted_ten_times_at_once_is_one_text_one_step_one_answer(program: Program) -> None:
    sid, before = "SM" + "c" * 32, len(program.sent_to(phone(10)))
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: program.text_in(phone(10), "1", sid), range(10)))
    assert answers == [200] * 10
    wait_for(lambda: len(program.sent_to(phone(10))) == before + 1, 20, "the answer")
    assert [row["provider_sid"] for row in program.rows("texts")].count(sid) == 1
    assert len(program.sent_to(phone(10))) == before + 1


def test_a_text_whose_webhook_never_came_is_found_and_answered(program: Program) -> None:
    before = len(program.sent_to(phone(16)))
    sid = program.text_lost(phone(16), "1")
    program.wake("outreach.conversations.jobs.poll_inbound")
    wait_for(lambda: len(program.sent_to(phone(16))) == before + 1, 20, "the answer to a lost text")
    assert [row["provider_sid"] for row in program.rows("texts")].count(sid) == 1


def test_callbacks_that_nobody_knows_change_nothing(program: Program) -> None:
    before = {row["id"]: row["status"] for row in program.rows("texts")}
    for text in ("999999999", "", "x", "-1"):
        assert program.call_back(text, {"MessageSid": "SM" + "7" * 32, "MessageStatus": "failed"}) == 204
    wait_for(
        lambda: program.look("SELECT count(*) FROM delivery_events WHERE applied_at IS NULL") == [(0,)], 20, "callbacks"
    )
    after = {row["id"]: row["status"] for row in program.rows("texts")}
    # A text whose own callback comes in meanwhile is delivered; nothing else may change.
    assert after == {text: "delivered" if after.get(text) == "delivered" else was for text, was in before.items()}


def test_an_unsigned_webhook_stores_nothing(program: Program) -> None:
    sid = "SM" + "e" * 32
    assert program.text_in(phone(11), "1", sid, signed=False) == 403
    assert sid not in {row["provider_sid"] for row in program.rows("texts")}


def test_who_said_stop_hears_nothing_of_the_next_campaign(program: Program) -> None:
    before = {place: len(program.sent_to(phone(place))) for place in (12, 13, 14)}
    assert program.text_in(phone(12), "STOP", "SM" + "1" * 32) == 200
    assert program.text_in(phone(13), "por favor ya no me manden mensajes", "SM" + "2" * 32) == 200
    wait_for(lambda: len(program.sent_to(phone(13))) == before[13] + 1, 20, "the one confirmation")
    campaign = program.launch(program.add_session(days=12))
    wait_for(lambda: program.is_done(campaign), 60, "the second campaign's end")
    after = {place: len(program.sent_to(phone(place))) for place in before}
    # Who used Twilio's word hears nothing from us; who used their own is told once; anybody else is asked.
    assert {place: after[place] - before[place] for place in before} == {12: 0, 13: 1, 14: 1}


def test_redis_away_neither_fails_a_webhook_nor_keeps_the_answer(program: Program) -> None:
    before = len(program.sent_to(phone(15)))
    with program.redis() as connection:
        connection.execute_command("CLIENT", "PAUSE", "4000", "ALL")
    assert program.text_in(phone(15), "1", "SM" + "3" * 32) == 200
    wait_for(lambda: len(program.sent_to(phone(15))) == before + 1, 30, "an answer in spite of Redis")


def test_a_planted_number_name_and_text_stand_in_no_log_and_nowhere_in_redis(program: Program) -> None:
    program.text_in(phone(0), PLANTED_WORDS, "SM" + "4" * 32)
    program.text_in("+18185550199", PLANTED_WORDS, "SM" + "5" * 32)
    program.kill("web", group=True)
    needles = [phone(0)[1:], phone(0)[5:], "8185550199", *PLANTED.values(), "Xochiquetzal"]
    found = [
        (path.name, needle)
        for path in (program.folder / "var" / "log").iterdir()
        for needle in needles
        if needle in path.read_text(errors="replace")
    ]
    assert found == []
    with program.redis() as connection:
        everything = everything_in(connection)
    assert [needle for needle in needles if needle in everything] == []
