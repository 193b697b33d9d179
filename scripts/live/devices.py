"""Devices of the users: the Python client of docs/examples, with a copy on disk, that crashes at random points."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs/examples/python"))

from changefeed_client import ChangeFeedClient, Copy, Problem  # noqa: E402
from odoo import Refused  # noqa: E402
from sqlite_storage import SQLiteStorage  # noqa: E402

MOST_STEPS = 12  # requests and savings, before and after each, that a program gets to before it crashes
ROUNDS = 20  # of pulling, until a device must have everything while nobody writes


class Crash(BaseException):
    """The device's program ends here: nothing after this point is done, what was not saved is lost."""


class CrashingCopy(Copy):
    """Ends before or after it is saved, when it is time."""

    def __init__(self, path, fuse):
        super().__init__(SQLiteStorage(path))
        self.fuse = fuse

    def commit(self, *arguments, **changes):
        self.fuse.burn()
        super().commit(*arguments, **changes)
        self.fuse.burn()


class CrashingClient(ChangeFeedClient):
    """Ends before a request or after the service carried it out, when it is time; and does not wait long when told to."""

    def __init__(self, *arguments, fuse, patience, **keywords):
        super().__init__(*arguments, **keywords)
        self.fuse, self.patience = fuse, patience

    def _send(self, *arguments):
        self.fuse.burn()
        answer = super()._send(*arguments)
        self.fuse.burn()
        return answer

    def _recover(self, problem):
        # The pause after a 410 keeps a thousand devices apart that were told the same.
        problem.retry_after = min(problem.retry_after or 0, self.patience)
        super()._recover(problem)


class Fuse:
    """Ends a program after so many steps; never if None."""

    def __init__(self, steps=None):
        self.steps = steps

    def burn(self):
        if self.steps is not None:
            self.steps -= 1
            if self.steps < 0:
                raise Crash


class Device:
    """One installation of an app, of one user."""

    def __init__(self, caller, feed, name, folder, patience, limit):
        self.caller, self.feed, self.name, self.patience, self.limit = caller, feed, name, patience, limit
        self.path = str(Path(folder, name + ".db"))
        try:
            self.credential = {"session": caller.session()}
        except Refused:
            # An API key opens no web session; the feed takes it as it is.
            self.credential = {"key": caller.password}
        self.crashes = self.syncs = 0
        self.client = None

    def start(self, fuse=None):
        """As when the app is started: what counts is what the file holds."""
        fuse = fuse or Fuse()
        self.client = CrashingClient(self.feed, self.name, CrashingCopy(self.path, fuse), limit=self.limit, fuse=fuse,
                                     patience=self.patience, **self.credential)
        return self.client

    def sync(self, random=None, crash_rate=0):
        """Brings the copy up to date. With `random`, the program may crash in between; it is started again next time."""
        crashes = random is not None and random.random() < crash_rate
        client = self.start(Fuse(random.randrange(MOST_STEPS)) if crashes else None)
        self.syncs += 1
        try:
            client.sync()
        except Crash:
            self.crashes += 1

    def models(self):
        """Those that the device follows, also where it holds no record of them, and whatever else it holds."""
        return sorted({*self.client.state()["models"], *self.client.copy.storage.models()})

    def records(self, model):
        return dict(self.client.copy.storage.records(model))

    def settle(self):
        """Pulls until nothing waits. Returns whether that came about."""
        self.start()
        for _ in range(ROUNDS):
            self.client.sync()
            state = self.client.state()
            if not state["pending"] and not state["pending_more"] and not state["resync"]:
                return True
        return False

    def mend(self):
        """Mends the copy by the digest. Returns how many ranges differed, by model."""
        return {model: self._mend(model) for model in self.models()}

    def _mend(self, model):
        try:
            return self.client.mend(model)
        except Problem as problem:
            if problem.code != "model_not_readable":
                raise
            return 0  # The right to it was lost: the copy has nothing of it, and the feed says nothing.
