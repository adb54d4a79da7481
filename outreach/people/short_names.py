from outreach.people.models import Person

NAMELESS = "Member without a name"


def short_name(person: Person) -> str:
    """Return as much of a name as a page shows of anybody, first name and initial: `Ana P.`, or that there is none."""
    initial = f"{person.last_name[:1]}." if person.last_name else ""
    return f"{person.known_as} {initial}".strip() or NAMELESS
