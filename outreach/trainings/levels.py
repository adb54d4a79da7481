from outreach.trainings.models import Level

LEVEL_ORDER: tuple[Level, ...] = (Level.FUNDAMENTALS, Level.INTERMEDIATE, Level.ADVANCED)


def is_ready_for(level: Level, trained_level: str | None) -> bool:
    """Tell whether somebody trained up to `trained_level` may be invited to a training of this level.

    Fundamentals are open to everybody; what builds on them is for people who had any training, or whom an organizer
    invites all the same.
    """
    return level == Level.FUNDAMENTALS or trained_level in set(LEVEL_ORDER)
