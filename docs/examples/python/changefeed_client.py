"""A client of odoo-changefeed's version 2: a copy of records that follows an Odoo database. Python 3.9, nothing else.

`ChangeFeedClient` is for an app; the command line at the end is for a first look."""

import argparse
import bisect
import http.client
import json
import os
import random
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from odoo_writes import OdooWrites
from sqlite_storage import SQLiteStorage

ATTEMPTS = 8  # of one request, before the error is the caller's
BUSY = (429, 502, 503, 504)  # answers that are worth a retry
CURSOR_PROBLEMS = ("cursor_mismatch", "cursor_malformed")
# token: the last next_sync_token; to_take: models that a 410 named and that must still be listed; reset: the value for
# POST reset before the next pull; is_whole: the copy is of one point in time.
NEW = {"token": None, "to_take": [], "reset": None, "user_id": None, "is_whole": False, "progress": None,
       "last_sync": None}


class Problem(Exception):
    """An answer that is not a success (RFC 9457): `code` says which, `body` has more. `retry_after` is in seconds, or
    None."""

    def __init__(self, status, body, retry_after):
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status, self.body, self.code, self.retry_after = status, body, body.get("code"), retry_after


class OtherUser(Exception):
    """The answer is for another user than the copy's. The copy was dropped: sync again."""


class Copy:
    """The records that the client holds, and how far it is. What belongs together is kept in one transaction."""

    def __init__(self, storage=None, told=lambda event: None):
        self.storage, self.told = storage or SQLiteStorage(), told
        self.state = {**NEW, **self.storage.state()}

    def commit(self, state=None, **changes):
        """Keeps changes of records together with those of the state: `SQLiteStorage.commit` says which there are."""
        self.storage.commit(state=state, **changes)
        self.state.update(state or {})

    def apply(self, events, **state):
        """Applies events. A repeated one changes nothing: it has the record's state, not a difference."""
        put, drop = {}, set()
        for event in events:
            self.told(event)
            key = event["model"], event["record_id"]
            if event["event"] == "unlink":
                put.pop(key, None)
                drop.add(key)
            else:
                drop.discard(key)
                put[key] = event.get("data"), event.get("data_hash")
        self.commit(state, put=[(*key, *value) for key, value in put.items()], drop=list(drop))

    def put(self, model, records):
        """A page of a list."""
        for record in records:
            self.told({"event": "list", "model": model, **record})
        self.commit(put=[(model, record["record_id"], record["data"], record.get("data_hash")) for record in records])

    def drop_others(self, model, listed, from_id=1, to_id=None, **state):
        """Drops records that a list, of the whole model or of a range of ids, did not contain."""
        gone = [record_id for record_id, _ in self.storage.hashes(model)
                if record_id not in listed and from_id <= record_id and (to_id is None or record_id <= to_id)]
        for record_id in gone:
            self.told({"event": "drop", "model": model, "record_id": record_id})
        self.commit(state or None, drop=[(model, record_id) for record_id in gone])

    def taken(self, model, listed):
        """The list of a model is complete."""
        self.drop_others(model, listed, to_take=[name for name in self.state["to_take"] if name != model])

    def take_anew(self, models, replace):
        """The old token is dropped, too. `replace`: the present records may be stale or no longer visible to the
        user."""
        self.commit({"token": None, "to_take": sorted({*self.state["to_take"], *models}), "is_whole": False},
                    drop_models=models if replace else [])

    def begin_again(self, to, user_id=None):
        """Drops everything. The next sync resets the device, even if the app is killed before."""
        self.commit({**NEW, "user_id": user_id, "reset": to}, drop_all=True)


class ChangeFeedClient:
    """Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any time and restarted with its copy.

    on_status is called with `status` whenever it changes. writes: an `OdooWrites`; each `sync` sends its queue."""

    def __init__(self, url, device, copy, key=None, session=None, app_type="all", models=None, limit=500, chunk=None,
                 writes=None, on_status=lambda status: None):
        self.url, self.copy, self.limit, self.chunk = url.rstrip("/"), copy, limit, chunk
        self.headers = {"Authorization": f"Bearer {key}"} if key else {"session_id": session}
        self.device = {"device_id": device}
        self.scope = {"app_type": app_type, **({"models": models} if models else {})}
        self.writes, self.on_status, self.attempts = writes, on_status, ATTEMPTS
        self.connected, self.last_error, self._shown = False, None, None

    @property
    def status(self):
        """For the app to show. `has_everything`: the copy is whole as of `last_sync`; `progress`, while it is
        copied for the first copy: `records` so far, and the estimated total (`estimate`)."""
        state, writes = self.copy.state, self.writes.counts() if self.writes else {"waiting": 0, "refused": 0}
        return {"connected": self.connected, "has_everything": state["is_whole"], "progress": state["progress"],
                "last_sync": state["last_sync"], "user_id": state["user_id"], "waiting_writes": writes["waiting"],
                "refused_writes": writes["refused"],
                "last_error": self.last_error or (self.writes and self.writes.last_error)}

    def sync(self, wait=0):
        """Returns when the copy has everything, or, if there was nothing new, after at most `wait` seconds."""
        queue = self.writes
        self._pull_all(0 if queue and queue.counts()["waiting"] else wait)
        # After a pull has shown the user: writes are never sent in another user's name.
        sent = queue.send() if queue else []
        if sent:
            self._pull_all()
            queue.forget(sent)  # Their writes have returned with the pulls.
        self._tell(last_error=None)

    def follow(self, wait=30):
        """Keeps the copy up to date for good, whether the service can be reached or not; ends with an error that
        waiting does not mend, such as a key that is not valid any more."""
        self.attempts = None
        while True:
            self.sync(wait)

    def acknowledge(self, event_ids):
        """Settles events. Repeating it settles nothing and is not an error."""
        return self._post("acknowledge", {**self.device, "event_ids": event_ids})["acknowledged"]

    def state(self):
        """The device's state according to the service."""
        return self._get("state", self.device)

    def reset(self):
        """Drops the copy; the next sync fetches everything again."""
        self.copy.begin_again("all", self.copy.state["user_id"])

    def is_right(self, model):
        """Whether the copy of a model equals the service's data: None when events must be pulled first."""
        differing, pull_first = self._compare(model)
        return None if pull_first else not differing

    def mend(self, model):
        """Fetches the ranges of ids again in which the copy differs from the service's data, and returns how many they
        were. Sync first: what is only late counts, too. A pull misses changes in related records (names, lists
        from their other side, visibility), so call this when the app starts or once in a while."""
        differing, _ = self._compare(model)
        for ids in differing:
            self.copy.drop_others(model, self._list(model, **ids), **ids)
        return len(differing)

    def older_sync(self, user_id):
        """The dialect of clients that never acknowledge: a pull settles what the pull before gave, so that an answer
        that is lost on the way is lost. Events have no data. For apps that cannot be changed; new ones use `sync`."""
        if "session_id" in self.headers:
            self.headers = {"X-Session-Id": self.headers["session_id"]}
        answer = {"has_more": True}
        while answer["has_more"]:
            body = {**self.device, "user_id": user_id, "app_type": self.scope["app_type"],
                    "models_filter": self.scope.get("models", "").split(",") if "models" in self.scope else None,
                    "limit": self.limit}
            answer = self._post("pull", body)
            self.copy.apply(answer["events"], token=answer["next_sync_token"])

    def _pull_all(self, wait=0):
        """Pulls until there are no more events: has_more ends a batch, whose end may be from before the app's
        again."""
        more = True
        while more:
            try:
                state = self.copy.state
                if state["user_id"] is None:
                    self.copy.commit({"user_id": self._send("GET", "me", None, 30)["user_id"]})
                if state["reset"]:
                    self._post("reset", {**self.device, "to": state["reset"]})
                    self.copy.commit({"reset": None})
                for model in list(state["to_take"]):
                    self._take(model)
                more = self._pull(wait)
            except OtherUser:
                continue
            except Problem as problem:
                self._recover(problem)
            wait = 0

    def _pull(self, wait):
        """Handles one page, if any. Acknowledges only after storing it: after a crash in between
        the same page comes again."""
        token = self.copy.state["token"]
        query = {**self.device, **self.scope, "limit": self.limit, "hashes": "true", **({"wait": wait} if wait else {}),
                 **({"sync_token": token} if token else {})}
        answer = self._get("pull", query, timeout=30 + wait)
        events, is_whole = answer["events"], not answer["has_more"]
        state = {"token": answer["next_sync_token"], "progress": answer.get("progress"), "last_sync": now()}
        size = self.chunk or len(events) or 1
        for start in range(0, len(events), size):
            part = events[start:start + size]
            self.copy.apply(part, **state, is_whole=is_whole and start + size >= len(events))
            self._tell()
            self.acknowledge([event["id"] for event in part])
        if not events:
            self.copy.commit({**state, "is_whole": is_whole})
        return bool(events) or answer["has_more"]

    def _take(self, model):
        """Lists a model that a 410 named. The next pull brings changes in the meantime."""
        try:
            listed = self._list(model)
        except Problem as problem:
            if problem.code != "model_not_readable":
                raise
            listed = set()  # The user lost the right to it: drop all of it.
        self.copy.taken(model, listed)

    def _list(self, model, **ids):
        """Puts a model's records, or those of a range of ids, into the copy, page by page, and returns their ids."""
        listed, cursor, complete = set(), None, False
        while not complete:
            query = {**self.device, "model": model, "limit": self.limit, "hashes": "true", **ids,
                     **({"cursor": cursor} if cursor else {})}
            try:
                page = self._get("snapshot", query)
            except Problem as problem:
                if cursor is None or problem.code not in CURSOR_PROBLEMS:
                    raise
                listed, cursor = set(), None  # Another list was started for this device: start again.
                continue
            self.copy.put(model, page["records"])
            listed |= {record["record_id"] for record in page["records"]}
            cursor, complete = page["next_cursor"], page["complete"]
        return listed

    def _compare(self, model):
        """The ranges of ids in which the copy differs from the service's data, and whether events must be pulled
        first."""
        ranges, pull_first, from_id = [], False, 1
        while from_id:
            digest = self._get("digest", {**self.device, "model": model, "of": "data", "from_id": from_id})
            pull_first = pull_first or digest["pull_first"]
            # Between the digest's ranges there are no records; the copy must have none there either.
            for bucket in digest["buckets"]:
                ranges += [{"from_id": from_id, "records": 0, "hash": 0}, bucket]
                from_id = bucket["to_id"] + 1
            ranges.append({"from_id": from_id, "records": 0, "hash": 0})
            from_id = digest["next_from_id"]
        starts = [part["from_id"] for part in ranges]
        for record_id, data_hash in self.copy.storage.hashes(model):
            part = ranges[bisect.bisect(starts, record_id) - 1]
            part["records"] -= 1
            part["hash"] -= data_hash or 0
        ends = [start - 1 for start in starts[1:]] + [None]
        differing = [{"from_id": part["from_id"], **({"to_id": end} if end else {})} for part, end in zip(ranges, ends)
                     if part["records"] or part["hash"] % 2**48]
        return differing, pull_first

    def _recover(self, problem):
        """Handles a refused pull; re-raises the error if the client cannot handle it."""
        if problem.status == 410:
            self.copy.take_anew(problem.body["models"], replace=problem.body["mode"] == "replace")
            time.sleep(problem.retry_after or 0)
        elif problem.code == "user_changed":
            self.copy.begin_again("all")  # The copy belongs to another user.
        elif problem.code in CURSOR_PROBLEMS and self.copy.state["token"]:
            self.copy.commit({"token": None})  # The device continues after its last acknowledgement.
        else:
            self.last_error = str(problem)
            self._tell()
            raise problem

    def _get(self, name, query, timeout=30):
        answer = self._send("GET", f"sync/{name}?{urllib.parse.urlencode(query)}", None, timeout)
        user_id, known = answer.get("user_id"), self.copy.state["user_id"]
        if known is not None and user_id not in (None, known):
            self.copy.begin_again("all", user_id)
            raise OtherUser(f"The answers are now those of user {user_id}, no longer of {known}.")
        return answer

    def _post(self, name, body):
        return self._send("POST", f"sync/{name}", json.dumps(body).encode(), 30)

    def _send(self, method, path, body, timeout):
        """Retries while the service or the network is busy or unreachable: every call here may be repeated."""
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        request = urllib.request.Request(f"{self.url}/api/v2/{path}", body, headers, method=method)
        attempt = 0
        while True:
            attempt += 1
            is_last = self.attempts is not None and attempt >= self.attempts
            # Random, so that devices that lost the service together do not return together.
            pause = random.uniform(0, min(60, 2 ** min(attempt, 6)))
            try:
                with urllib.request.urlopen(request, timeout=timeout) as answer:
                    self.connected = True
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = problem_of(error)
                self._tell(connected=True, last_error=str(problem))
                if error.code not in BUSY or is_last:
                    raise problem from None
                if problem.retry_after is not None:
                    pause = problem.retry_after + random.uniform(0, 1)
            except (OSError, http.client.HTTPException) as error:
                self._tell(connected=False, last_error=str(error))
                if is_last:
                    raise
            time.sleep(pause)

    def _tell(self, **changes):
        """Calls on_status if something has changed."""
        for name, value in changes.items():
            setattr(self, name, value)
        status = self.status
        if status != self._shown:
            self._shown = status
            self.on_status(status)


def problem_of(error):
    try:
        body = json.loads(error.read())
    except ValueError:
        body = {}  # A page from a proxy.
    after = error.headers.get("Retry-After") or ""
    return Problem(error.code, body if isinstance(body, dict) else {}, int(after) if after.isdigit() else None)


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def show(copy, writes):
    """The copy as one JSON object: the state, records and their hashes by model and id, and the queue."""
    storage, models = copy.storage, copy.storage.models()
    queued = [{**write, "shown": writes.shown(write["model"], write["record"])} for write in storage.writes().values()]
    return {"state": copy.state, "records": {model: dict(storage.records(model)) for model in models},
            "hashes": {model: dict(storage.hashes(model)) for model in models},
            "writes": queued}


def parse():
    parser = argparse.ArgumentParser(description="Follows an Odoo database and prints what it applies as JSON lines.")
    parser.add_argument("url")
    parser.add_argument("--key", help="an Odoo API key")
    parser.add_argument("--session", help="an Odoo session id")
    parser.add_argument("--device", required=True, help="the name of this installation, the same each time")
    parser.add_argument("--app", default="all", help="the app type")
    parser.add_argument("--models", help="only these of the app type, with commas")
    parser.add_argument("--copy", default=":memory:", metavar="FILE", help="SQLite file; without, it is in memory")
    parser.add_argument("--limit", type=int, default=500, help="events or records of a page")
    parser.add_argument("--chunk", type=int, help="acknowledge after so many events")
    parser.add_argument("--wait", type=int, help="seconds that a pull waits for something new; following: 30")
    parser.add_argument("--once", action="store_true", help="end when the copy is up to date")
    parser.add_argument("--status", action="store_true", help="print the status when it changes, and no events")
    parser.add_argument("--check", metavar="MODEL", help="and mend the copy of this model by the service's digest")
    parser.add_argument("--show", action="store_true", help="print the copy as JSON and exit, without any request")
    parser.add_argument("--odoo", metavar="URL", help="Odoo itself, to which own writes are sent")
    parser.add_argument("--database", help="Odoo's database")
    parser.add_argument("--write", action="append", default=[], metavar="JSON", help="queue a write; docs/writing.md")
    parser.add_argument("--older", type=int, metavar="USER", help="speak the older dialect, as this user")
    parser.add_argument("--die", action="store_true", help="be killed before the first acknowledgement (for tests)")
    arguments = parser.parse_args()
    if not (arguments.key or arguments.session):
        parser.error("--key or --session is needed")
    if arguments.write and not arguments.odoo:
        parser.error("--write needs --odoo")
    return arguments


def main():
    arguments = parse()
    write = lambda value: print(json.dumps(value), flush=True)  # noqa: E731
    quiet = lambda value: None  # noqa: E731
    copy = Copy(SQLiteStorage(arguments.copy), told=quiet if arguments.status else write)
    writes = OdooWrites(arguments.odoo or "", arguments.database, copy, arguments.key, arguments.session)
    if arguments.show:
        return write(show(copy, writes))
    client = ChangeFeedClient(
        arguments.url, arguments.device, copy, arguments.key, arguments.session, arguments.app, arguments.models,
        arguments.limit, arguments.chunk, writes if arguments.odoo else None,
        on_status=(lambda status: write({"status": status})) if arguments.status else quiet)
    if arguments.die:
        client.acknowledge = lambda event_ids: os.kill(os.getpid(), signal.SIGKILL)
    for content in arguments.write:
        writes.add(**json.loads(content))
    if arguments.older:
        return client.older_sync(arguments.older)
    client.sync(arguments.wait or 0)
    if arguments.check:
        differed = client.mend(arguments.check)
        is_right = client.is_right(arguments.check)
        write({"check": arguments.check, "differed": differed, "is_right": is_right})
        sys.exit(0 if is_right else 1)
    if not arguments.once:
        client.follow(arguments.wait or 30)


if __name__ == "__main__":
    main()
