"""What members answer when the demo lets them: a fixed mix, so that every showing goes alike.

Out of every 30 answers about half choose from the menu; the rest says yes, maybe and no in its own words, names needs,
asks questions, tells when it has time, and one in fifteen wants out.
"""

from collections.abc import Iterable, Iterator

from outreach.sandbox.members import Member

ENGLISH = (
    "1",
    "2",
    "1",
    "Yes! I'll be there",
    "1",
    "maybe, depends on work",
    "2",
    "I need childcare",
    "1",
    "sorry can't make it that day",
    "2",
    "STOP",
    "1",
    "Where is it exactly?",
    "1",
    "weeknights after 6 work better for me",
    "2",
    "1 please, and is there parking?",
    "please stop texting me",
    "2",
    "I'll try",
    "1",
    "wrong number",
    "no thanks, not this month",
    "2",
    "can I get a ride from Boyle Heights?",
    "1",
    "only saturdays mornings",
    "1",
    "who is this?",
)
SPANISH = (
    "1",
    "2",
    "sí, ahí estaré",
    "1",
    "tal vez, depende del trabajo",
    "2",
    "necesito cuidado de niños",
    "1",
    "no puedo ese día",
    "ALTO",
    "2",
    "1",
    "¿Dónde es?",
    "1",
    "entre semana después de las 6",
    "2",
    "si dios quiere",
    "1",
    "ya no me manden mensajes por favor",
    "2",
    "necesito intérprete",
    "1",
    "número equivocado",
    "gracias pero no",
    "los sábados por la mañana",
    "1",
    "¿hay transporte?",
    "2",
    "sí",
    "1",
)


def choose_answers(members: Iterable[Member]) -> Iterator[tuple[Member, str]]:
    """Give each member an answer in their language, by their place in the line."""
    given = {"en": 0, "es": 0}
    for member in members:
        language = "es" if member.language == "es" else "en"
        answers = SPANISH if language == "es" else ENGLISH
        yield member, answers[given[language] % len(answers)]
        given[language] += 1
