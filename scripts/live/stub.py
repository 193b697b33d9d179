"""A stand-in for Odoo, where none is at hand: it answers the calls of the live test, and the feed's questions about sessions
and fields, by plain SQL on a small database in Odoo's shape. It is NOT Odoo: what runs against it shows that the feed and the
driver fit together, not that Odoo does what the stand-in does."""

import json
import secrets
import threading
import xmlrpc.client
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stub_orm import ORM, OdooError

CODES = {"odoo.exceptions.AccessDenied": 3, "odoo.exceptions.AccessError": 4}  # over XML-RPC; other refusals are 2, errors 1
PLANTS = ("deaf", "few")
WRITES = ("create", "write", "unlink")


class Stub(ThreadingHTTPServer):
    """`plant`: a fault that the live test must find. `deaf`: with each write a partner's phone is changed while the triggers are
    off. `few`: one order too few is shown by `search([])`."""

    daemon_threads = True

    def __init__(self, database, name, key, plant=None):
        super().__init__(("127.0.0.1", 0), Answering)
        self.database, self.name, self.plant = database, name, plant
        self.passwords, self.sessions = {"admin": (2, key)}, {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def authenticate(self, login, password):
        """The user's id; None where nobody is known by that."""
        user, secret = self.passwords.get(login, (None, None))
        return user if user and secrets.compare_digest(secret, password) else None

    def execute(self, name, user, password, model, method, arguments=(), keywords=None):
        """`execute_kw`."""
        if name != self.name or (user, password) not in self.passwords.values():
            raise OdooError("odoo.exceptions.AccessDenied", "Access Denied")
        return self.call(user, model, method, arguments, keywords)

    def call(self, user, model, method, arguments, keywords):
        keywords = dict(keywords or {})
        context = keywords.pop("context", {})
        with self.database:
            result = ORM(self.database, user, context, self.passwords).call(model, method, list(arguments), keywords)
        if self.plant == "deaf" and method in WRITES:
            self.change_unheard()
        if self.plant == "few" and (model, method, list(arguments)) == ("sale.order", "search", [[]]):
            return result[1:]
        return result

    def change_unheard(self):
        triggers = "SELECT tgname AS name FROM pg_trigger WHERE tgrelid = 'res_partner'::regclass AND tgenabled = 'A'"
        with self.database:
            names = [row["name"] for row in self.database.rows(triggers)]
            self.database.run("ALTER TABLE res_partner DISABLE TRIGGER USER")
            phone, partner = secrets.randbelow(10**9), "SELECT partner_id FROM res_users WHERE id = 2"
            self.database.run(f"UPDATE res_partner SET phone = '{phone}' WHERE id = ({partner})")
            for name in names:
                self.database.run(f'ALTER TABLE res_partner ENABLE ALWAYS TRIGGER "{name}"')


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/xmlrpc/2/object":
            return self.answer("text/xml", self.xml(body).encode())
        paths = {"/jsonrpc": self.rpc, "/web/session/authenticate": self.open_session, "/web/dataset/call_kw": self.call_kw}
        question = json.loads(body)
        self.cookie = None
        try:
            # The feed puts model and method behind the path, as Odoo's own pages do.
            said = {"result": next(function for path, function in paths.items() if self.path.startswith(path))(question["params"])}
        except OdooError as error:
            code = 100 if error.name == "odoo.http.SessionExpiredException" else 200
            said = {"error": {"code": code, "message": "Odoo Server Error", "data": {"name": error.name, "message": str(error)}}}
        self.answer("application/json", json.dumps({"jsonrpc": "2.0", "id": question.get("id"), **said}).encode(), self.cookie)

    def rpc(self, params):
        if (params["service"], params["method"]) == ("common", "authenticate"):
            return self.server.authenticate(*params["args"][1:3]) or False
        return self.server.execute(*params["args"])

    def open_session(self, params):
        user = self.server.authenticate(params["login"], params["password"])
        if not user:
            raise OdooError("odoo.exceptions.AccessDenied", "Access Denied")
        session = secrets.token_urlsafe(63)
        self.server.sessions[session] = user
        self.cookie = f"session_id={session}; Path=/; HttpOnly"
        return {"uid": user}

    def call_kw(self, params):
        user = self.server.sessions.get((self.headers["Cookie"] or "").removeprefix("session_id="))
        if not user:
            raise OdooError("odoo.http.SessionExpiredException", "Session expired")
        return self.server.call(user, params["model"], params["method"], params["args"], params.get("kwargs"))

    def xml(self, body):
        arguments, _ = xmlrpc.client.loads(body, use_builtin_types=True)
        try:
            return xmlrpc.client.dumps((self.server.execute(*arguments),), methodresponse=True, allow_none=True)
        except OdooError as error:
            code = CODES.get(error.name, 2 if error.name.startswith("odoo.exceptions.") else 1)
            return xmlrpc.client.dumps(xmlrpc.client.Fault(code, str(error)), allow_none=True)

    def answer(self, kind, content, cookie=None):
        self.send_response(200)
        headers = {"Content-Type": kind, "Content-Length": str(len(content)), **({"Set-Cookie": cookie} if cookie else {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass
