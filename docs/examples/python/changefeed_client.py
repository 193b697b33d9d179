"""A client of odoo-changefeed's second API: a copy of records that follows an Odoo database. Python 3.9, nothing else."""

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

ATTEMPTS = 8  # of one request, before the error is the caller's
BUSY = (429, 502, 503, 504)  # answers that are worth asking again


class Problem(Exception):
    """An answer that is not a success (RFC 9457): `code` says which, `body` has more."""

    def __init__(self, status, body, retry_after):
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status, self.body, self.code, self.retry_after = status, body, body.get("code"), retry_after


class Copy:
    """The records that the client holds, and how far it is, in one JSON file that is replaced as a whole: what is saved
    together cannot be torn apart by a crash. An app would use tables of its own database and a transaction instead."""

    def __init__(self, path=None, told=lambda event: None):
        self.path, self.told = path, told
        # to_take: models whose records are still to be listed; None is a copy that has not begun.
        # hashes: the data_hash of each record, to prove the copy by. A copy of an earlier client has none.
        self.content = {"token": None, "to_take": None, "records": {}, "hashes": {}}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.content.update(json.load(file))

    def records(self, model):
        return self.content["records"].setdefault(model, {})

    def hashes(self, model):
        return self.content["hashes"].setdefault(model, {})

    def apply(self, events, token):
        """Applies events. One that came before changes nothing: it carries the record's state, not a difference."""
        for event in events:
            self.told(event)
            if event["event"] == "unlink":
                self._drop(event["model"], str(event["record_id"]))
            else:
                self._keep(event["model"], event)
        self.save(token=token)

    def put(self, model, records):
        """A page of a list."""
        for record in records:
            self.told({"event": "list", "model": model, **record})
            self._keep(model, record)
        self.save()

    def taken(self, model, listed):
        """The list of a model is complete: what it did not contain is gone."""
        self.drop_others(model, listed)
        self.save(to_take=[name for name in self.content["to_take"] if name != model])

    def drop_others(self, model, listed, from_id=1, to_id=None):
        """Drops what a list, of the whole model or of a range of ids, did not contain."""
        for record_id in sorted(set(map(int, self.records(model))) - set(map(int, listed))):
            if from_id <= record_id and (to_id is None or record_id <= to_id):
                self.told({"event": "drop", "model": model, "record_id": record_id})
                self._drop(model, str(record_id))
        self.save()

    def take_anew(self, models, replace):
        """The old token goes, too. `replace`: the records at hand may be of another time or nobody's business any more."""
        for model in models if replace else []:
            self.content["records"].pop(model, None)
            self.content["hashes"].pop(model, None)
        self.save(token=None, to_take=sorted({*(self.content["to_take"] or []), *models}))

    def save(self, **changes):
        self.content.update(changes)
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump(self.content, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self.path + ".new", self.path)

    def _keep(self, model, record):
        self.records(model)[str(record["record_id"])] = record.get("data")
        self.hashes(model)[str(record["record_id"])] = record.get("data_hash")

    def _drop(self, model, record_id):
        self.records(model).pop(record_id, None)
        self.hashes(model).pop(record_id, None)


class ChangeFeedClient:
    """Keeps a copy up to date: pull, apply, acknowledge. May be stopped at any moment and begun again with its copy."""

    def __init__(self, url, device, copy, key=None, session=None, app_type="all", models=None, limit=100, chunk=None):
        self.url, self.copy, self.limit, self.chunk = url.rstrip("/"), copy, limit, chunk
        self.headers = {"Authorization": f"Bearer {key}"} if key else {"session_id": session}
        self.device = {"device_id": device}
        self.scope = {"app_type": app_type, **({"models": models} if models else {})}

    def sync(self, wait=0):
        """Returns when the copy has everything, or, when nothing was new, after at most `wait` seconds."""
        if self.copy.content["to_take"] is None:
            self._begin()
        more = True
        while more:
            for model in list(self.copy.content["to_take"]):
                self._take(model)
            try:
                # Until nothing comes: has_more ends a batch, whose end may have been set before the app was started again.
                more = self._pull(wait)
            except Problem as problem:
                self._recover(problem)
            wait = 0

    def acknowledge(self, event_ids):
        """Settles events. Again is no error and settles nothing."""
        return self._post("acknowledge", {**self.device, "event_ids": event_ids})["acknowledged"]

    def state(self):
        return self._get("state", self.device)

    def reset(self, to="now"):
        """Starts over: the next sync takes every record anew."""
        self._post("reset", {**self.device, "to": to})
        self.copy.save(token=None, to_take=None, records={}, hashes={})

    def is_right(self, model):
        """Whether the copy of a model is what the service would give: None when there is something to pull first."""
        differing, pull_first = self._compare(model)
        return None if pull_first else not differing

    def mend(self, model):
        """Takes the ranges of ids anew in which the copy is not what the service would give, and returns how many they were.
        Sync first: what is only late counts, too. A pull does not tell what other records decide (names, lists from their
        other side, sight), so call this when the app starts or once in a while."""
        differing, _ = self._compare(model)
        for ids in differing:
            self.copy.drop_others(model, self._list(model, **ids), **ids)
        return len(differing)

    def older_sync(self, user_id):
        """The dialect of clients that never acknowledge: a pull settles what the pull before gave, so that an answer that is
        lost on its way is lost. It carries no data. For apps that cannot be changed; new ones use `sync`."""
        if "session_id" in self.headers:
            self.headers = {"X-Session-Id": self.headers["session_id"]}
        answer = {"has_more": True}
        while answer["has_more"]:
            body = {**self.device, "user_id": user_id, "app_type": self.scope["app_type"],
                    "models_filter": self.scope.get("models", "").split(",") if "models" in self.scope else None,
                    "limit": self.limit}
            answer = self._post("pull", body)
            self.copy.apply(answer["events"], answer["next_sync_token"])

    def _begin(self):
        """A new copy lacks what was there before it: each model that the device follows is to be listed."""
        try:
            self._get("pull", {**self.device, **self.scope, "limit": 1, "data": "false"})
        except Problem as problem:
            if problem.status != 410:
                raise
        self.copy.take_anew(self.state()["models"], replace=True)

    def _take(self, model):
        """Lists a model. What changes meanwhile comes by the next pull."""
        try:
            listed = self._list(model)
        except Problem as problem:
            if problem.code != "model_not_readable":
                raise
            listed = set()  # The user lost the right to it: nothing of it stays.
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
                if cursor is None or problem.code not in ("cursor_mismatch", "cursor_malformed"):
                    raise
                listed, cursor = set(), None  # Somebody began another list for this device: from the start.
                continue
            self.copy.put(model, page["records"])
            listed |= {str(record["record_id"]) for record in page["records"]}
            cursor, complete = page["next_cursor"], page["complete"]
        return listed

    def _compare(self, model):
        """The ranges of ids in which the copy is not what the service would give, and whether something is to be pulled first."""
        ranges, pull_first, from_id = [], False, 1
        while from_id:
            digest = self._get("digest", {**self.device, "model": model, "of": "data", "from_id": from_id})
            pull_first = pull_first or digest["pull_first"]
            # Between those of the digest there is nothing, neither should there be in the copy.
            for bucket in digest["buckets"]:
                ranges += [{"from_id": from_id, "records": 0, "hash": 0}, bucket]
                from_id = bucket["to_id"] + 1
            ranges.append({"from_id": from_id, "records": 0, "hash": 0})
            from_id = digest["next_from_id"]
        starts, hashes = [part["from_id"] for part in ranges], self.copy.hashes(model)
        for record_id, data in self.copy.records(model).items():
            part = ranges[bisect.bisect(starts, int(record_id)) - 1]
            part["records"] -= 1
            part["hash"] -= hashes.get(record_id) or 0
            part["unproven"] = part.get("unproven") or data is not None and hashes.get(record_id) is None
        ends = [start - 1 for start in starts[1:]] + [None]
        differing = [{"from_id": part["from_id"], **({"to_id": end} if end else {})} for part, end in zip(ranges, ends)
                     if part["records"] or part["hash"] % 2**48 or part.get("unproven")]
        return differing, pull_first

    def _pull(self, wait):
        """One page, and whether there was any. Acknowledged only after it was applied and saved: a crash in between means the
        same page again."""
        token = self.copy.content["token"]
        query = {**self.device, **self.scope, "limit": self.limit, "hashes": "true", **({"wait": wait} if wait else {}),
                 **({"sync_token": token} if token else {})}
        answer = self._get("pull", query, timeout=30 + wait)
        events = answer["events"]
        size = self.chunk or len(events) or 1
        for start in range(0, len(events), size):
            part = events[start:start + size]
            self.copy.apply(part, answer["next_sync_token"])
            self.acknowledge([event["id"] for event in part])
        if answer["next_sync_token"] != self.copy.content["token"]:
            self.copy.save(token=answer["next_sync_token"])
        return bool(events) or answer["has_more"]

    def _recover(self, problem):
        if problem.status == 410:
            self.copy.take_anew(problem.body["models"], replace=problem.body["mode"] == "replace")
            time.sleep(problem.retry_after or 0)
        elif problem.code in ("cursor_mismatch", "cursor_malformed") and self.copy.content["token"]:
            self.copy.save(token=None)  # The device goes on where its acknowledgements left it.
        else:
            raise problem

    def _get(self, name, query, timeout=30):
        return self._send("GET", name + "?" + urllib.parse.urlencode(query), None, timeout)

    def _post(self, name, body):
        return self._send("POST", name, json.dumps(body).encode(), 30)

    def _send(self, method, path, body, timeout):
        """Asks again while the service or the network is busy or away: every call here may be made twice."""
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        request = urllib.request.Request(f"{self.url}/api/v2/sync/{path}", body, headers, method=method)
        for attempt in range(ATTEMPTS):
            # Jitter, so that devices that lost the service together do not come back together.
            pause = random.uniform(0, min(60, 2**attempt))
            try:
                with urllib.request.urlopen(request, timeout=timeout) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = self._problem(error)
                if error.code not in BUSY or attempt == ATTEMPTS - 1:
                    raise problem from None
                if problem.retry_after is not None:
                    pause = problem.retry_after + random.uniform(0, 1)
            except (OSError, http.client.HTTPException):
                if attempt == ATTEMPTS - 1:
                    raise
            time.sleep(pause)

    @staticmethod
    def _problem(error):
        try:
            body = json.loads(error.read())
        except ValueError:
            body = {}  # A proxy's page.
        after = error.headers.get("Retry-After") or ""
        return Problem(error.code, body if isinstance(body, dict) else {}, int(after) if after.isdigit() else None)


def main():
    parser = argparse.ArgumentParser(description="Follows an Odoo database and prints what it applies as JSON lines.")
    parser.add_argument("url")
    parser.add_argument("--key", help="an Odoo API key")
    parser.add_argument("--session", help="an Odoo session id")
    parser.add_argument("--device", required=True, help="the name of this installation, the same each time")
    parser.add_argument("--app", default="all", help="the app type")
    parser.add_argument("--models", help="only these of the app type, with commas")
    parser.add_argument("--copy", help="file that holds the copy; without one it is in memory")
    parser.add_argument("--limit", type=int, default=100, help="events or records of a page")
    parser.add_argument("--chunk", type=int, help="acknowledge after so many events")
    parser.add_argument("--wait", type=int, help="seconds that a pull waits for something new; following: 30")
    parser.add_argument("--once", action="store_true", help="end when the copy is up to date")
    parser.add_argument("--check", help="and mend the copy of this model by the service's digest")
    parser.add_argument("--older", type=int, metavar="USER", help="speak the older dialect, as this user")
    parser.add_argument("--die", action="store_true", help="be killed before the first acknowledgement (for tests)")
    arguments = parser.parse_args()
    if not (arguments.key or arguments.session):
        parser.error("--key or --session is needed")

    copy = Copy(arguments.copy, told=lambda event: print(json.dumps(event), flush=True))
    client = ChangeFeedClient(arguments.url, arguments.device, copy, arguments.key, arguments.session, arguments.app,
                              arguments.models, arguments.limit, arguments.chunk)
    if arguments.die:
        client.acknowledge = lambda event_ids: os.kill(os.getpid(), signal.SIGKILL)
    if arguments.older:
        return client.older_sync(arguments.older)
    client.sync(arguments.wait or 0)
    if arguments.check:
        differed = client.mend(arguments.check)
        is_right = client.is_right(arguments.check)
        print(json.dumps({"check": arguments.check, "differed": differed, "is_right": is_right}))
        sys.exit(0 if is_right else 1)
    while not arguments.once:
        client.sync(arguments.wait or 30)


if __name__ == "__main__":
    main()
