class OutreachError(Exception):
    """Tell the user what is wrong and how to mend it: the message is printed as it stands, without a traceback."""

    exit_status = 1


class SettingsError(OutreachError):
    """Carry one line for each setting that is wrong, naming the variable and the mend."""

    exit_status = 2

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
