"""Checks the parts of a client that need an Odoo or another user: the write queue, and the change of the account.

    stubs.py -- COMMAND...

The service and Odoo's /jsonrpc are stand-ins of this file: they know res.partner, two users, and how to lose an answer.
So this tests the client, not Odoo: no Odoo was available."""

import json
import subprocess
import sys
import tempfile
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

KEYS = {"KEY": 2, "OTHER": 6}  # the users
LIMIT = 60  # seconds that a client may take


class OdooError(Exception):
    """An error of Odoo's RPC, by its Python name."""


class Database:
    """Partners, as Odoo stores them and as the feed sends them."""

    def __init__(self):
        self.partners, self.external, self.changed, self.moment, self.next_id = {}, {}, {}, 0, 1
        self.positions, self.calls, self.faults, self.tells_by_token = {}, [], [], True

    def touch(self, record_id, values):
        self.moment += 1
        self.changed[record_id] = self.moment
        write_date = f"2026-11-24 10:00:{self.moment:02}"
        if values is None:
            del self.partners[record_id]
        else:
            before = self.partners.get(record_id, {"id": record_id})
            self.partners[record_id] = {**before, **values, "write_date": write_date}

    def create(self, values):
        record_id, self.next_id = self.next_id, self.next_id + 1
        self.touch(record_id, {"phone": False, **values})
        return record_id

    # What Odoo's RPC does.

    def load(self, fields, rows):
        ids = []
        for row in rows:
            values = {name: text or False for name, text in zip(fields, row) if name != "id"}
            if values.get("name", "x") is False:
                message = "Missing required value for the field 'Name'"
                return {"ids": False, "messages": [{"type": "error", "message": message}]}
            external_id = row[fields.index("id")]
            if self.external.get(external_id) in self.partners:
                self.touch(self.external[external_id], values)
            else:
                self.external[external_id] = self.create(values)
            ids.append(self.external[external_id])
        return {"ids": ids, "messages": []}

    def read(self, ids, fields):
        found = [self.partners[i] for i in ids if i in self.partners]
        return [{"id": partner["id"], **{name: partner.get(name, False) for name in fields}} for partner in found]

    def search(self, domain):
        assert domain[0][:2] == ["id", "="], domain
        return [i for i in self.partners if i == domain[0][2]]

    def write(self, ids, values):
        if "no_such_field" in values:
            raise OdooError("odoo.exceptions.ValidationError")
        for record_id in ids:
            self.touch(record_id, values)
        return True

    def unlink(self, ids):
        for record_id in ids:
            self.touch(record_id, None)
        return True

    # What the service does.

    def seen(self, user, record_id):
        """User 6 sees the first two partners."""
        return user == 2 or record_id <= 2

    def pull(self, user, device):
        position, events = self.positions.setdefault((user, device), 0), []
        for record_id, moment in sorted(self.changed.items(), key=lambda item: item[1]):
            data = self.partners.get(record_id)
            if moment > position and self.seen(user, record_id) and (data or position):
                events.append({"id": moment, "model": "res.partner", "record_id": record_id, "data": data,
                               "event": "write" if data else "unlink", "data_hash": moment if data else None})
        return {"has_update": bool(events), "events": events, "has_more": False,
                "next_sync_token": f"cf1_{user}_{self.moment}",
                **({} if self.tells_by_token else {"user_id": user})}


class Server(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.database = Database()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(content) if content else dict(parse_qsl(parts.query))
        if parts.path == "/jsonrpc":
            self.odoo(body)
        else:
            self.feed(parts.path.rpartition("/")[2], body)

    do_POST = do_GET

    def feed(self, name, body):
        database, device = self.server.database, body.get("device_id")
        user = KEYS[self.headers["Authorization"].removeprefix("Bearer ")]
        database.calls.append((name, user))
        if name == "pull":
            if database.tells_by_token and not body.get("sync_token", f"cf1_{user}_").startswith(f"cf1_{user}_"):
                return self.answer(422, {"code": "user_changed", "detail": "The token is another user's."})
            return self.answer(200, database.pull(user, device))
        if name == "acknowledge":
            database.positions[user, device] = max(body["event_ids"])
            return self.answer(200, {"acknowledged": len(body["event_ids"])})
        if name == "reset":
            database.positions[user, device] = 0
            return self.answer(200, {"status": "success"})
        assert name == "me", name
        self.answer(200, {"user_id": user, "login": "somebody"})

    def odoo(self, body):
        database, fault = self.server.database, self.server.database.faults and self.server.database.faults.pop(0)
        if fault == "busy":
            return self.answer(503, {}, {"Retry-After": "1"})
        name, user, key, model, method, arguments, _ = body["params"]["args"]
        database.calls.append((method, user))
        if (name, model, KEYS.get(key)) != ("odoo", "res.partner", user):
            return self.refuse("odoo.exceptions.AccessDenied")
        if fault and fault != "lost":
            return self.refuse(fault)
        try:
            result = getattr(database, method)(*arguments)
        except OdooError as error:
            return self.refuse(str(error))
        if fault == "lost":
            self.close_connection = True
            return self.connection.close()
        self.answer(200, {"jsonrpc": "2.0", "id": None, "result": result})

    def refuse(self, name):
        data = {"name": name, "message": f"This is {name}.", "debug": "…"}
        error = {"code": 200, "message": "Odoo Server Error", "data": data}
        self.answer(200, {"jsonrpc": "2.0", "id": None, "error": error})

    def answer(self, status, body, headers=None):
        content = json.dumps(body).encode()
        self.send_response(status)
        usual = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        for name, value in {**usual, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Client:
    """A client with its own copy, run repeatedly."""

    def __init__(self, command, server, folder):
        self.command, self.server, self.copy = command, server, str(Path(folder, "copy"))

    def run(self, *arguments, key="KEY"):
        words = [self.server.url, "--key", key, "--device", "phone", "--copy", self.copy, "--odoo", self.server.url,
                 "--database", "odoo", *arguments]
        run = subprocess.run([*self.command, *words], capture_output=True, text=True, timeout=LIMIT)
        assert run.returncode == 0, run.stderr
        return [json.loads(line) for line in run.stdout.splitlines()]

    def sync(self, *writes, key="KEY"):
        """Syncs once, and returns the last status."""
        options = [word for write in writes for word in ("--write", json.dumps(write))]
        return self.run("--once", "--status", *options, key=key)[-1]["status"]

    def shown(self):
        return self.run("--show")[0]

    def partners(self):
        return {int(key): data for key, data in self.shown()["records"].get("res.partner", {}).items()}


def equal(found, expected, what):
    assert found == expected, f"{what}: {found}, expected {expected}"


def created_once(client, database):
    """A new record waits while Odoo is unreachable, is created once although the answer was lost, and returns with the
    feed"""
    database.faults = ["busy"]
    status = client.sync({"model": "res.partner", "values": {"name": "New", "phone": None}})
    equal((status["waiting_writes"], status["last_error"]), (1, "Odoo answers 503"), "while Odoo is busy")
    equal(client.shown()["writes"][0]["shown"], {"name": "New", "phone": None}, "what the user sees meanwhile")
    equal(database.partners, {}, "partners while Odoo is busy")
    database.faults = ["lost"]
    status = client.sync()
    equal((status["waiting_writes"], len(database.partners)), (1, 1), "after the answer was lost")
    status = client.sync()
    equal((status["waiting_writes"], status["refused_writes"], status["last_error"]), (0, 0, None), "at the end")
    equal([partner["name"] for partner in database.partners.values()], ["New"], "partners in Odoo")
    equal(client.partners(), database.partners, "the copy")
    equal(client.shown()["writes"], [], "the queue")


def refused(client, database):
    """A refused write is set aside with its reason; later ones of the same record wait; other records continue"""
    one, other = database.create({"name": "One"}), database.create({"name": "Other"})
    status = client.sync({"model": "res.partner", "record": one, "values": {"no_such_field": 1}},
                         {"model": "res.partner", "record": one, "values": {"phone": "1"}},
                         {"model": "res.partner", "record": other, "values": {"phone": "2"}},
                         {"model": "res.partner", "values": {"name": None}})
    shown = [(write["shown"] or {}).get("phone") for write in client.shown()["writes"]]
    equal(shown, ["1", "1", None], "what the user sees of what is not sent")
    equal((status["waiting_writes"], status["refused_writes"]), (1, 2), "the queue")
    errors = [write["error"] for write in client.shown()["writes"] if write["error"]]
    expected = ["This is odoo.exceptions.ValidationError.", "Missing required value for the field 'Name'"]
    equal(errors, expected, "the reasons")
    equal([database.partners[i]["phone"] for i in (one, other)], [False, "2"], "what was written")


def conflict(client, database):
    """A record that another user wrote meanwhile is not overwritten; two own writes in a row are no conflict"""
    database.create({"name": "Somebody"})
    client.sync()
    seen = client.partners()[1]["write_date"]
    status = client.sync({"model": "res.partner", "record": 1, "values": {"phone": "1"}, "write_date": seen},
                         {"model": "res.partner", "record": 1, "values": {"phone": "2"}, "write_date": seen})
    found = status["waiting_writes"], status["refused_writes"], database.partners[1]["phone"]
    equal(found, (0, 0, "2"), "two in a row")
    database.touch(1, {"phone": "somebody else's"})
    status = client.sync({"model": "res.partner", "record": 1, "values": {"phone": "3"}, "write_date": seen})
    equal((status["refused_writes"], database.partners[1]["phone"]), (1, "somebody else's"), "a conflict")
    equal(client.partners(), database.partners, "the copy")


def written_again(client, database):
    """A write whose answer was lost does not conflict with itself, a serialization failure is retried, a deletion may
    be repeated"""
    database.create({"name": "Somebody"})
    client.sync()
    seen = client.partners()[1]["write_date"]
    database.faults = [None, "lost"]
    client.sync({"model": "res.partner", "record": 1, "values": {"phone": "1"}, "write_date": seen})
    equal(database.partners[1]["phone"], "1", "written, but the answer was lost")
    database.faults = ["psycopg2.errors.SerializationFailure"]
    equal(client.sync()["waiting_writes"], 1, "while Odoo is busy with another transaction")
    status = client.sync()
    equal((status["waiting_writes"], status["refused_writes"]), (0, 0), "then")
    database.faults = [None, "lost"]
    client.sync({"model": "res.partner", "record": 1, "delete": True})
    status = client.sync()
    equal((status["waiting_writes"], status["refused_writes"], client.partners()), (0, 0, {}), "deleted")


def other_account_answers(client, database):
    """The same if only the answers show that the user is another one"""
    database.tells_by_token = False
    other_account(client, database)


def other_account(client, database):
    """Another user logs in: the copy is dropped, everything is fetched again, and nothing is written in the other's
    name"""
    for name in ("One", "Two", "Three"):
        database.create({"name": name})
    client.sync()
    equal(len(client.partners()), 3, "partners of user 2")
    database.faults = ["busy"]
    client.sync({"model": "res.partner", "record": 1, "values": {"phone": "of user 2"}})
    status = client.sync(key="OTHER")
    equal((status["user_id"], sorted(client.partners())), (6, [1, 2]), "what user 6 holds")
    equal((status["waiting_writes"], database.partners[1]["phone"]), (0, False), "the write of user 2")
    equal(client.shown()["writes"][0]["shown"]["phone"], False, "what user 6 sees")
    database.create({"name": "Four"})
    status = client.sync()
    equal((status["user_id"], sorted(client.partners())), (2, [1, 2, 3, 4]), "what user 2 holds then")
    status = client.sync()
    equal((status["waiting_writes"], database.partners[1]["phone"]), (0, "of user 2"), "the write of user 2 at the end")
    equal([user for name, user in database.calls if name == "reset"], [6, 2], "resets")


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "--":
        sys.exit(__doc__)
    failures = 0
    for check in (created_once, refused, conflict, written_again, other_account, other_account_answers):
        server = Server()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(Client(sys.argv[2:], server, folder), server.database)
                print(f"ok      {check.__name__}: {check.__doc__}")
            except (AssertionError, subprocess.TimeoutExpired) as fault:
                failures += 1
                where = traceback.extract_tb(fault.__traceback__)[1].lineno
                print(f"FAILED  {check.__name__} (line {where}): {fault}")
        server.shutdown()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
