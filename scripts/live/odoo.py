"""Odoo over RPC as any program speaks to it: JSON-RPC and XML-RPC with a login and a password or API key, and a web session."""

import http.client
import json
import urllib.error
import urllib.request
import xmlrpc.client

TIMEOUT = 120  # seconds for one call
REFUSALS = (2, 3, 4)  # Odoo's codes over XML-RPC: a warning to the user, access denied, an access error


class Refused(Exception):
    """What Odoo said no to: access, validation, a record that is gone."""


class Broken(Exception):
    """An error that is no refusal: of Odoo's code, of its database, or of what hangs in that."""


class Odoo:
    """A server and one of its databases."""

    def __init__(self, url, database):
        self.url, self.database = url.rstrip("/"), database

    def log_in(self, login, password):
        """The user as a caller.
        Throws `Refused` where Odoo does not know the login with this password."""
        user = self.json_rpc("common", "authenticate", self.database, login, password, {})
        if not user:
            raise Refused(f"Odoo does not let {login} in to {self.database}")
        return Caller(self, user, login, password)

    def json_rpc(self, service, method, *arguments):
        body = {"jsonrpc": "2.0", "method": "call", "id": 1,
                "params": {"service": service, "method": method, "args": arguments}}
        return self.post("/jsonrpc", body)[0]

    def xml_rpc(self, *arguments):
        with xmlrpc.client.ServerProxy(self.url + "/xmlrpc/2/object", allow_none=True, use_builtin_types=True) as server:
            try:
                return server.execute_kw(*arguments)
            except xmlrpc.client.Fault as fault:
                said = fault.faultString.strip().splitlines()
                text = said[-1] if said else "nothing"
                raise (Refused if fault.faultCode in REFUSALS else Broken)(text) from None

    def post(self, path, body):
        """The result, and the answer's headers."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                content, headers = json.load(answer), answer.headers
        except (urllib.error.URLError, http.client.HTTPException, ValueError) as error:
            raise ConnectionError(f"{self.url}{path}: {error}") from None
        if "error" in content:
            data = content["error"].get("data") or {}
            text = f"{data.get('name')}: {data.get('message') or content['error'].get('message')}"
            raise (Refused if str(data.get("name")).startswith("odoo.exceptions.") else Broken)(text)
        return content.get("result"), headers


class Caller:
    """One user of Odoo."""

    def __init__(self, odoo, user, login, password):
        self.odoo, self.user, self.login, self.password = odoo, user, login, password

    def call(self, model, method, *arguments, **keywords):
        return self.odoo.json_rpc("object", "execute_kw", *self._who(), model, method, arguments, keywords)

    def call_by_xml(self, model, method, *arguments, **keywords):
        return self.odoo.xml_rpc(*self._who(), model, method, arguments, keywords)

    def session(self):
        """The id of a new web session, as the cookie of a browser holds it."""
        body = {"jsonrpc": "2.0", "method": "call", "id": 1,
                "params": {"db": self.odoo.database, "login": self.login, "password": self.password}}
        _, headers = self.odoo.post("/web/session/authenticate", body)
        for cookie in headers.get_all("Set-Cookie") or []:
            if cookie.startswith("session_id="):
                return cookie.partition("=")[2].partition(";")[0]
        raise Broken("Odoo answered an authentication without a cookie session_id")

    def fields(self, model):
        return self.call(model, "fields_get", [], attributes=["type", "store", "company_dependent"])

    def _who(self):
        return self.odoo.database, self.user, self.password
