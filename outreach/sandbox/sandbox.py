"""The running sandbox: the account, the two ways a text takes, and the threads behind them."""

from outreach.sandbox.account import Account
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.democlock import DemoClock
from outreach.sandbox.dispatcher import Dispatcher
from outreach.sandbox.inbound import Inbound
from outreach.sandbox.outgoing import Outgoing

WEBHOOK_THREADS = 8


class Sandbox:
    """All that the doors of the sandbox need; texts of an earlier run go on where they were."""

    def __init__(self, config: SandboxConfig) -> None:
        self.account = Account(config)
        # Two pools, so that a thousand status callbacks never hold up a member's text.
        self._callbacks = Dispatcher("callbacks", config.callback_threads)
        self._webhooks = Dispatcher("webhooks", WEBHOOK_THREADS)
        self.outgoing = Outgoing(self.account, self._callbacks)
        self.inbound = Inbound(self.account, self.outgoing, self._webhooks)
        self.clock = DemoClock(self.account.database, config.clock_url, config.clock_token)
        self._callbacks.start()
        self._webhooks.start()
        self.outgoing.resume()

    def reset(self) -> None:
        """Forget all texts, opt-outs and faults."""
        self._callbacks.clear()
        self._webhooks.clear()
        self.account.reset()

    def close(self) -> None:
        """Stop all threads; what is still to come stays in the store."""
        self.account.stopping.set()
        self._callbacks.stop()
        self._webhooks.stop()
        self.account.poster.close()
        self.account.database.close()
