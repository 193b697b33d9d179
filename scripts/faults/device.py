"""A device of the fault test: the example's client, which asks any replica, vanishes in the middle and dies at any moment.

Each answer's status goes into a log, a line each (0: none came). Ends with 9 where it died on purpose, with 0 when the stop
file is there and its copy is complete; that is then written out as JSON. What pulls alone have made of it is written beside it
(.told): then the digest mends what no pull tells, as names of other records, and must find nothing after that."""

import argparse
import http.client
import json
import os
import pathlib
import random
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs/examples/python"))
from changefeed_client import BUSY, ChangeFeedClient, Copy, problem_of  # noqa: E402
from sqlite_storage import SQLiteStorage  # noqa: E402


class Device(ChangeFeedClient):
    def __init__(self, arguments):
        copy = Copy(SQLiteStorage(arguments.copy + ".db"))
        super().__init__(arguments.urls[0], arguments.device, copy, arguments.key, limit=20)
        self.path = pathlib.Path(arguments.copy)
        self.urls, self.log, self.stop = arguments.urls, open(arguments.log, "a", encoding="utf-8"), pathlib.Path(arguments.stop)
        self.random = random.Random(f"{arguments.seed} {arguments.device} {os.getpid()}")

    @property
    def is_ending(self):
        return self.stop.exists()

    def run(self):
        while not self.is_ending:
            self.sync(self.random.choice([0, 0, 1, 3]))
            time.sleep(self.random.uniform(0, 0.3))
        self.sync()
        self._show(self.path.with_name(self.path.name + ".told"))
        for model in self.state()["models"]:
            self.mend(model)
            if not self.is_right(model):
                sys.exit(f"{self.device}: the copy of {model} is not right after it was mended")
        self._show(self.path)

    def _show(self, path):
        storage = self.copy.storage
        path.write_text(json.dumps({"records": {model: dict(storage.records(model)) for model in storage.models()}}))

    def _send(self, method, path, body, timeout):
        """Never gives up: the service is to come back."""
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        while True:
            url = self.random.choice(self.urls)
            request = urllib.request.Request(f"{url}/api/v2/{path}", body, headers, method=method)
            vanishes = not self.is_ending and self.random.random() < 0.03
            try:
                with urllib.request.urlopen(request, timeout=self.random.uniform(0.01, 0.2) if vanishes else 60) as answer:
                    self._die_now_and_then()
                    self._note(answer.status)
                    value = json.load(answer)
                self._die_now_and_then()
                return value
            except urllib.error.HTTPError as error:
                problem = problem_of(error)
                self._note(error.code, problem.body.get("code"))
                if error.code not in BUSY:
                    raise problem from None
                time.sleep(self.random.uniform(0.1, 1))
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._note(0, "vanished" if vanishes else type(getattr(error, "reason", error)).__name__)
                time.sleep(self.random.uniform(0.1, 0.5))

    def _die_now_and_then(self):
        if not self.is_ending and self.random.random() < 0.01:
            os._exit(9)

    def _note(self, status, code=None):
        print(status, code or "-", file=self.log, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", nargs="+")
    for name in ["device", "key", "copy", "log", "stop", "seed"]:
        parser.add_argument("--" + name, required=True)
    Device(parser.parse_args()).run()


if __name__ == "__main__":
    main()
