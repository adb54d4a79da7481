from outreach.errors import OutreachError


class RefusedError(OutreachError):
    """Refuse what cannot be: a session in the past, a place for nobody, a move that is not allowed. Names the mend."""

    exit_status = 2
