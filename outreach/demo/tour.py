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
        "Keep what the form proposes, sign as Luz, continue, and launch. The figures move as texts are delivered.",
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
        "Pick two members whose invitation waits: write “please stop texting me” as one and ALTO as the other. Each is "
        "told once that it is done.",
        PHONES,
    ),
    Step(
        "Launch again",
        "At once the form leaves everybody out: nobody is asked twice within 72 hours. Skip three days on the phones "
        "page and launch the same once more: nothing reaches the two who opted out, and the form counts them.",
        "/campaigns/new",
    ),
    Step(
        "Ask for childcare",
        "Pick a member whose invitation waits: write 2, and “I need childcare” to the question that follows. It stands "
        "on the second session's page with an owner and a deadline; press Arranged, and the member is told.",
        PHONES,
    ),
    Step(
        "A cry for help",
        "As a member write “I want to kill myself”. One fixed text answers, and Marco, who is on call, is texted at "
        "once; skip an hour and the next is, and then the admins, unless somebody opens the reply. No words are in it.",
        PHONES,
    ),
    Step(
        "A complaint that an admin must not see",
        "As another member write “Derek from the committee keeps touching me”. Only Rosa, a grievance officer, is "
        "texted; the admins see nothing, nor does Derek, an officer too. Sign in as officer@example.org to read it.",
        PHONES,
    ),
    Step(
        "Ask for the classes",
        "As any member write TRAINING or CLASES: the next three come. From a number that nobody has write JOIN, as on "
        "the flyer: consent comes first, then name, language and ZIP, then the classes.",
        PHONES,
    ),
    Step(
        "Welcome a new member",
        "Two of today's list are new. Accept one as organizer@example.org: Marco signs the first text at once. The "
        "other hears from the chapter a day and a half later. Answer as they would: a story is a task for Marco.",
        "/welcome",
    ),
    Step(
        "Move the clock to the reminders",
        "Skip days, then hours, until 11:00 on the day before the first session: those who said yes are reminded, and "
        "nobody else. Two and a half hours before it begins they are told the place once more.",
        PHONES,
    ),
    Step(
        "Kill the worker",
        "Skip three more days, launch again and, while it runs, kill the process: pkill -9 -f 'outreach worker'. It is "
        "started again. Count on the campaign's page and on the phones: nobody is texted twice, nobody is forgotten.",
        "/campaigns/new",
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
