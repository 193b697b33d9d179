"""A queue of writes that survives crashes and dead networks. They go to Odoo's own RPC; the feed only brings them
back.

Every write may be sent twice, since an answer can be lost: what it creates has an external id, by which Odoo finds it
again. See docs/writing.md."""

import http.client
import json
import random
import time
import urllib.error
import urllib.request
import uuid

# Temporary errors of Odoo: it was busy with another transaction, or requires authentication.
PASSING = ("psycopg2.errors.SerializationFailure", "psycopg2.errors.LockNotAvailable",
           "psycopg2.errors.DeadlockDetected", "psycopg2.OperationalError",
           "odoo.http.SessionExpiredException", "odoo.exceptions.AccessDenied")


class Refused(Exception):
    """Odoo refuses this: the write is set aside with this text, and the app decides."""


class NotNow(Exception):
    """Odoo cannot be reached, is busy, or requires authentication: the write waits."""

    def __init__(self, message, retry_after=None):
        super().__init__(message)
        self.retry_after = retry_after


class OdooWrites:
    """copy: the `Copy` that the feed's client keeps; the queue lies in its storage, and its `user_id` is who writes.

    With `key` calls go to /jsonrpc, with `session` to /web/dataset/call_kw."""

    def __init__(self, url, database, copy, key=None, session=None):
        self.url, self.database, self.copy, self.key, self.session = url.rstrip("/"), database, copy, key, session
        self.last_error, self.failures, self.not_before = None, 0, 0

    def add(self, model, values=None, record=None, write_date=None, delete=False):
        """Queues a write, and returns the name of its record: its number, or the external id of a record that is made
        here.

        Without `record` values make a record; with it they change it, or `delete` deletes it. A record that was made
        here is named by its external id until a pull has brought its number; its values are as Odoo's import takes them
        (many2one as `partner_id/.id`). write_date: as the user saw it; if Odoo has another one by then, the write is
        set aside."""
        if not values and not delete or delete and record is None:
            raise ValueError("A write needs values, or delete and a record.")
        record = record or f"__import__.app_{uuid.uuid4().hex}"
        queue = self.copy.storage.writes()
        record_id = next((write["id"] for write in queue.values() if write["record"] == record and write["id"]), None)
        n = max(queue, default=0) + 1
        self._keep({"n": n, "user_id": self.copy.state["user_id"], "model": model, "record": record, "id": record_id,
                    "values": None if delete else values, "write_date": write_date, "state": "waiting", "error": None})
        return record

    def send(self):
        """Sends waiting writes, in order, as far as Odoo accepts them. Returns the numbers of the accepted ones."""
        while time.monotonic() >= self.not_before:
            write = self._next()
            if not write:
                break
            try:
                self._carry_out(write)
                self.last_error, self.failures = None, 0
            except Refused as refusal:
                self._keep({**write, "state": "refused", "error": str(refusal)})
            except NotNow as problem:
                self.failures += 1
                self.last_error = str(problem)
                pause = random.uniform(0, min(60, 2 ** min(self.failures, 6)))
                if problem.retry_after is not None:
                    pause = problem.retry_after + random.uniform(0, 1)
                self.not_before = time.monotonic() + pause
        return [n for n, write in self.copy.storage.writes().items() if write["state"] == "sent"]

    def forget(self, numbers):
        """A sent write that has returned with a pull is done."""
        self.copy.commit(writes={n: None for n in numbers})

    def discard(self, n):
        """Discards a write for the user."""
        self.copy.commit(writes={n: None})

    def retry(self, n, **changes):
        """Sends a set-aside write again; `write_date=None` overwrites other users' changes."""
        self._keep({**self.copy.storage.writes()[n], "state": "waiting", "error": None, **changes})

    def counts(self):
        """How many of this user's writes wait, and how many were set aside."""
        states = [write["state"] for write in self._own().values()]
        return {"waiting": states.count("waiting"), "refused": states.count("refused")}

    def shown(self, model, record_id):
        """The data of a record as the user should see it: the copy's, overridden by pending writes.
        it."""
        data = self.copy.storage.record(model, record_id)
        for write in self._own().values():
            if write["model"] == model and record_id in (write["record"], write["id"]) and write["state"] != "refused":
                data = None if write["values"] is None else {**(data or {}), **write["values"]}
        return data

    def _own(self):
        """This user's; those of a previous user wait for that user. Before the first sync no user is
        known."""
        user_id = self.copy.state["user_id"]
        return {n: write for n, write in self.copy.storage.writes().items() if write["user_id"] in (None, user_id)}

    def _next(self):
        """The first waiting write whose record has none set aside before it."""
        blocked = set()
        for write in self._own().values():
            record = write["model"], write["record"]
            if write["state"] == "refused":
                blocked.add(record)
            elif write["state"] == "waiting" and record not in blocked:
                return write

    def _keep(self, write, later=()):
        self.copy.commit(writes={one["n"]: one for one in (write, *later)})

    def _carry_out(self, write):
        model, record_id, values, written = write["model"], write["record"], write["values"], None
        if isinstance(record_id, str) and values is not None:
            record_id = self._load(model, record_id, values)
        elif values is not None:
            written = self._write(write)
        else:
            record_id = write["id"] if isinstance(record_id, str) else record_id
            if record_id is None:
                raise Refused("The number of this record is not known: name it by the number that a pull has brought.")
            self._delete(model, record_id)
        # Later writes of the record build on this one.
        later = [other for other in self._own().values() if other["n"] > write["n"]
                 and (other["model"], other["record"]) == (model, write["record"])]
        later = [{**other, "id": record_id, "write_date": written or other["write_date"]} for other in later]
        self._keep({**write, "state": "sent", "id": record_id}, later)

    def _load(self, model, external_id, values):
        """Odoo's import: creates the record once, and afterwards finds it by its external id. Returns its number."""
        answer = self.call(model, "load", [["id", *values], [[external_id, *map(to_text, values.values())]]])
        if not answer["ids"]:
            raise Refused("; ".join(message["message"] for message in answer["messages"]))
        return answer["ids"][0]

    def _write(self, write):
        """Returns the record's present write_date, if the write came with one."""
        model, record_id, values, seen = write["model"], write["record"], write["values"], write["write_date"]
        found = self.call(model, "read", [[record_id], ["write_date", *values]])
        if not found:
            raise Refused("The record was deleted meanwhile.")
        # Otherwise an answer was lost, or another user wrote the same.
        if not all(is_same(value, found[0][name]) for name, value in values.items()):
            if seen and found[0]["write_date"] != seen:
                raise Refused("Another user has written this record meanwhile.")
            self.call(model, "write", [[record_id], values])
        return seen and self.call(model, "read", [[record_id], ["write_date"]])[0]["write_date"]

    def _delete(self, model, record_id):
        if self.call(model, "search", [[["id", "=", record_id]]], {"context": {"active_test": False}}):
            self.call(model, "unlink", [[record_id]])

    def call(self, model, method, arguments, keywords=None):
        """Calls a method of a model as this user."""
        keywords, headers, path = keywords or {}, {"Content-Type": "application/json"}, "/jsonrpc"
        parameters = {"service": "object", "method": "execute_kw",
                      "args": [self.database, self.copy.state["user_id"], self.key, model, method, arguments, keywords]}
        if not self.key:
            path, headers["Cookie"] = "/web/dataset/call_kw", f"session_id={self.session}"
            parameters = {"model": model, "method": method, "args": arguments, "kwargs": keywords}
        body = json.dumps({"jsonrpc": "2.0", "id": None, "method": "call", "params": parameters}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=60) as answer:
                answer = json.load(answer)
        except urllib.error.HTTPError as error:
            after = error.headers.get("Retry-After") or ""
            raise NotNow(f"Odoo answers {error.code}", int(after) if after.isdigit() else None) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotNow(f"Odoo cannot be reached: {error}") from None
        if "error" in answer:
            data = answer["error"].get("data") or {}
            text = data.get("message") or answer["error"].get("message") or "Odoo answers with an error"
            raise (NotNow if (data.get("name") or "").startswith(PASSING) else Refused)(text)
        return answer.get("result")


def to_text(value):
    """A value in the form of Odoo's import."""
    return "" if value in (None, False) else "1" if value is True else str(value)


def is_same(value, found):
    """Whether read() shows the values to write: many2one as [id, name], dates and texts as they are."""
    return value == found or isinstance(found, list) and found[:1] == [value] or value is None and found is False
