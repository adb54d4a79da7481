"""What to try in the demo, in order: told in the terminal and on the home page. Imports nothing heavy."""

from collections.abc import Sequence
from dataclasses import dataclass

PHONES = "phones"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try: what it is called, what to do and what to see, and where (a path, or `phones`)."""

    title: str
    words: str
    where: str


TOUR = (
    Step(
        "Launch a campaign",
        "Take the flow invite, the segment everyone and the first two sessions, sign as Luz, and start it now. "
        "The figures move as texts are delivered.",
        "/campaigns/new",
    ),
    Step(
        "See who is left out, and why",
        "The first step of the form counts them: opted out, no consent, no mobile, a shared number.",
        "/campaigns/new",
    ),
    Step(
        "Let members answer",
        "One button plays 60 replies in English and Spanish. Then look at the campaign, the sessions and the replies.",
        PHONES,
    ),
    Step(
        "Ask to be left in peace",
        "Pick two members: write “please stop texting me” as one and ALTO as the other. Both hear it once, or not "
        "at all where Twilio answers.",
        PHONES,
    ),
    Step(
        "Launch again",
        "The same campaign once more: the two who opted out stay silent, and the form says so before you start.",
        "/campaigns/new",
    ),
    Step(
        "Ask for childcare",
        "Pick a member with a seat and write “I need childcare”. It stands on the session's page with an owner and a "
        "deadline; press Arranged, and the member is told.",
        "/sessions",
    ),
    Step(
        "Move the clock to the reminders",
        "Skip days on the phones page until the day before the first session: only those who said yes are reminded.",
        PHONES,
    ),
    Step(
        "Kill the worker",
        "Launch to the segment everyone and, while it runs, kill the process “outreach worker”. It is started again; "
        "count on the campaign's page and on the phones: nobody is texted twice, nobody is forgotten.",
        "/campaigns",
    ),
    Step(
        "Stop everything",
        "The button on every page stops all texts at once. Starting again takes the second admin.",
        "/",
    ),
)


def terminal_lines(passwords: Sequence[tuple[str, str]], phones_url: str) -> list[str]:
    """Return the lines for the terminal: who signs in with what, and what to try in which order."""
    if not passwords:
        return []
    sign_in = [f"Sign in: {email}  {password}" for email, password in passwords]
    steps = [f"  {place}. {step.title}" for place, step in enumerate(TOUR, 1)]
    return [*sign_in, f"To try (the home page says how; members' phones are at {phones_url}):", *steps]
