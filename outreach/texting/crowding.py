"""How many calls to Twilio run at once: fewer after a 429, one more every so many that went well (as TCP does)."""

from outreach.texting.twilio import Outcome, Result

TOO_MANY = 20429


class Crowding:
    """The number of calls that this process makes at once. Twilio's limit is per account and told to nobody."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._at_once = float(most)
        self._blamed = 0

    @property
    def at_once(self) -> int:
        """Return how many calls may run now, one at least."""
        return int(self._at_once)

    def learn(self, outcome: Outcome, running: int) -> None:
        """Learn from a call that has ended while so many others run: halve after a 429, else creep up.

        Calls that began before the halving say nothing about the new number, and are not counted against it again.
        """
        if outcome.code == TOO_MANY:
            if not self._blamed:
                self._at_once, self._blamed = max(1.0, self._at_once / 2), running
                return
        elif outcome.result is Result.ACCEPTED and not self._blamed:
            self._at_once = min(self._most, self._at_once + 1 / self._at_once)
        self._blamed = max(0, self._blamed - 1)
