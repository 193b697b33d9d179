"""Records docs/examples/conversations from a real service: the Python client talks through this proxy, and what both
said is written down.

    record.py URL --key KEY --other KEY --session ID --database CONNINFO

The database is a scratch one made from Tests/Fixtures/odoo.sql, CONNINFO its superuser's: the scenarios write to it,
add an app type, and empty the log. A scenario is one or several runs of the client on one copy, with changes in
between. Keys and session ids become words such as KEY and SESSION; ids, tokens and times stay as they were."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
ANSWERED = ("Content-Type", "Retry-After")  # of the answer's headers those that a client acts on
TOUCH = "UPDATE sale_order SET state = '{}', write_date = now() AT TIME ZONE 'utc' WHERE id <= 3"

# The part of the state that is the same in every client.
SHOWN = ("token", "to_take", "reset", "user_id", "is_whole", "progress")

# name: title, client's arguments, and what happens. A run that brings the copy to where the scenario begins comes first
# unless `fresh`; `before` are its further arguments. Then `sql`, and the run that the scenario is about.
SCENARIOS = {
    "first_pull": dict(
        title="A new device: pulls send the existing records, page by page; a session authenticates",
        arguments=["--session", "SESSION", "--models", "product.category,res.partner", "--limit", "8"], fresh=True),
    "first_pull_killed": dict(
        title="The client is killed during its first copy: the same page again, without records deleted meanwhile",
        arguments=["--models", "product.category,sale.order", "--limit", "3"], fresh=True, killed=True,
        setup="INSERT INTO product_category (name) VALUES ('Short-lived')",
        sql=TOUCH.format("draft") + "; DELETE FROM product_category WHERE name = 'Short-lived'"),
    "nothing_new": dict(title="Nothing new is one pull", arguments=["--models", "sale.order"]),
    "acknowledge": dict(
        title="Applied events are acknowledged by their ids, page after page",
        arguments=["--models", "sale.order", "--limit", "2"],
        sql=TOUCH.format("sent") + "; DELETE FROM sale_order WHERE id = 5"),
    "acknowledge_again": dict(
        title="The answer to an acknowledgement is lost: repeating it settles nothing and is not an error",
        arguments=["--models", "sale.order"], sql=TOUCH.format("sale"), lose="/acknowledge"),
    "partial_acknowledge": dict(
        title="Events are acknowledged in parts, as they are applied",
        arguments=["--models", "sale.order", "--chunk", "2"], sql=TOUCH.format("done")),
    "repeated": dict(
        title="The client was killed before it acknowledged: the same events again, without harm",
        arguments=["--models", "sale.order"], sql=TOUCH.format("draft"), killed=True),
    "scope_changed": dict(
        title="The operator adds a model to the app type: 410, the model is listed in two pages, and pulls continue",
        arguments=["--app", "example", "--limit", "3"],
        setup="INSERT INTO changefeed.app_type (name, models) VALUES ('example', '{product.category}')",
        sql="UPDATE changefeed.app_type SET models = '{product.category,sale.order}' WHERE name = 'example'"),
    "cursor_expired": dict(
        title="Unseen events were deleted: 410, everything is listed, and unlisted records are dropped",
        arguments=["--models", "product.category,sale.order"],
        sql="DELETE FROM sale_order WHERE id = 4; UPDATE product_category SET name = 'All' WHERE id = 1; "
            "SELECT changefeed.settle(); SELECT changefeed.rotate(); "
            "SELECT changefeed.empty_slot(s.slot) FROM changefeed.slot s, changefeed.control c "
            "WHERE s.closed_at IS NOT NULL AND s.slot <> c.slot ORDER BY s.closed_at DESC LIMIT 1"),
    "cursor_mismatch": dict(
        title="The app follows fewer models than before: its token is refused, dropped, and the device continues",
        arguments=["--models", "sale.order"], before=["--models", "product.category,sale.order"],
        sql=TOUCH.format("sent")),
    "rate_limited": dict(
        title="Too many calls: 429, and the client waits as Retry-After says", arguments=["--models", "sale.order"],
        sql=TOUCH.format("sale"), flood=True),
    "user_changed": dict(
        title="Another user logs in on the same phone: the token is refused, the copy dropped, all fetched again",
        arguments=["--models", "sale.order"], other=True),
    "digest": dict(
        title="The copy is compared with the service's digest: it is correct",
        arguments=["--models", "sale.order", "--check", "sale.order"]),
    "mend": dict(
        title="A partner is renamed, which no pull reports for its orders: the digest does, and the range is fetched",
        arguments=["--models", "sale.order", "--limit", "1", "--check", "sale.order"],
        sql="UPDATE res_partner SET name = 'Another name' WHERE id = 3"),
    "older_dialect": dict(
        title="The older dialect: a POST, no data, and no acknowledgement",
        arguments=["--session", "SESSION", "--older", "2", "--app", "sales_app", "--models", "sale.order",
                   "--limit", "2"],
        fresh=True, sql=TOUCH.format("done"), to_now=True),
}


class Proxy(ThreadingHTTPServer):
    """Passes requests on and records them."""

    def __init__(self, url, secrets, lose):
        super().__init__(("127.0.0.1", 0), Passing)
        self.url, self.secrets, self.lose, self.exchanges = url, secrets, lose, []

    def hidden(self, text):
        for secret, word in self.secrets.items():
            text = text.replace(secret, word)
        return text


class Passing(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        names = ("Authorization", "session_id", "X-Session-Id", "Content-Type")
        headers = {name: self.headers[name] for name in names if self.headers[name]}
        request = urllib.request.Request(self.server.url + self.path, body, headers, method=self.command)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        content = answer.read()
        said = {"request": {"line": f"{self.command} {self.path}",
                            "headers": {name: self.server.hidden(value) for name, value in headers.items()},
                            **({"body": json.loads(body)} if body else {})}}
        self.server.exchanges.append(said)
        if self.server.lose and self.server.lose in self.path:
            # It was carried out, but no client learnt of it.
            self.server.lose = None
            said["response"] = None
            return self.connection.close()
        kept = {name: answer.headers[name] for name in ANSWERED if answer.headers[name]}
        said["response"] = {"status": answer.status, "headers": kept, "body": json.loads(content)}
        self.send_response(answer.status)
        for name, value in said["response"]["headers"].items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


class Recorder:
    def __init__(self, options):
        self.options = options
        self.words = {"KEY": options.key, "OTHER": options.other, "SESSION": options.session}

    def sql(self, text):
        command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.options.database, "-c", text]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def client(self, url, arguments, copy):
        words = [self.words.get(word, word) for word in arguments]
        return subprocess.run([sys.executable, HERE / "python/changefeed_client.py", url, *words, "--copy", copy],
                              stdout=subprocess.PIPE, text=True)

    def run(self, arguments, copy, lose=None):
        """One run of the client through a proxy, as a conversation has it."""
        proxy = Proxy(self.options.url, {value: word for word, value in self.words.items()}, lose)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        client = self.client(f"http://127.0.0.1:{proxy.server_port}", arguments, copy)
        proxy.shutdown()
        return {"arguments": arguments, "killed": client.returncode < 0, "exchanges": proxy.exchanges,
                "prints": [json.loads(line) for line in client.stdout.splitlines()]}

    def reset_to_now(self, device):
        body = json.dumps({"device_id": device, "to": "now"}).encode()
        headers = {"Authorization": f"Bearer {self.options.key}", "Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(self.options.url + "/api/v2/sync/reset", body, headers)).close()

    def flood(self, device):
        """Uses up the device's quota of a minute."""
        address = f"{self.options.url}/api/v2/sync/state?device_id={device}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.options.key}"})
        try:
            while True:
                urllib.request.urlopen(request).close()
        except urllib.error.HTTPError as error:
            assert error.code == 429, error.code

    def record(self, name, title, arguments, before=(), setup=None, sql=None, lose=None, fresh=False, killed=False,
               flood=False, to_now=False, other=False):
        device = "example-" + name
        who = [] if "SESSION" in arguments else ["--key", "KEY"]
        arguments = [*who, "--device", device, "--once", *arguments]
        with tempfile.TemporaryDirectory() as folder:
            copy, runs = os.path.join(folder, "copy"), []
            if setup:
                self.sql(setup)
            if to_now:
                self.reset_to_now(device)
            if not fresh:
                runs.append(self.run([*arguments, *before], copy))
            elif killed:
                runs.append(self.run([*arguments, "--die"], copy))
            if sql:
                self.sql(sql)
            if killed and not fresh:
                runs.append(self.run([*arguments, "--die"], copy))
            if flood:
                self.flood(device)
            if other:
                arguments = ["--key", "OTHER", *arguments[2:]]
            runs.append(self.run(arguments, copy, lose))
            shown = json.loads(self.client(self.options.url, [*arguments, "--show"], copy).stdout)
        state = {name: shown["state"][name] for name in SHOWN}
        shown = {"state": state, "records": shown["records"], "hashes": shown["hashes"]}
        text = json.dumps({"title": title, "runs": runs, "copy": shown}, indent=1, ensure_ascii=False) + "\n"
        (HERE / "conversations" / f"{name}.json").write_text(text, encoding="utf-8")
        for run in runs:
            print(name, [exchange["response"] and exchange["response"]["status"] for exchange in run["exchanges"]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--key", required=True)
    parser.add_argument("--other", required=True, help="another user's key")
    parser.add_argument("--session", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--only", choices=SCENARIOS)
    options = parser.parse_args()
    recorder = Recorder(options)
    for name, scenario in SCENARIOS.items():
        if options.only in (None, name):
            recorder.record(name, **scenario)


if __name__ == "__main__":
    main()
