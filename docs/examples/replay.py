"""Plays a recorded conversation to a client and fails when the client deviates from it.

    replay.py CONVERSATION.json -- COMMAND...

Runs COMMAND once for each run of the conversation, with the address of this server, the run's arguments and --copy
FILE, which is not there at first. Each request must be the next of the run: method, path, parameters, credentials and
body. It must not come earlier than the last answer's Retry-After allows. At the end of a run the client must have said
everything, have printed the same, and have ended well, or by a signal if it should be killed. After the last run,
COMMAND with --show must print the copy of the conversation: the records and their hashes, and of the state what the
conversation names."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

LIMIT = 120  # seconds that a client may take
CREDENTIALS = ("Authorization", "session_id", "X-Session-Id")


class Server(ThreadingHTTPServer):
    def __init__(self, exchanges):
        super().__init__(("127.0.0.1", 0), Playing)
        self.left, self.faults, self.not_before, self.turn = list(exchanges), [], 0, threading.Lock()


class Playing(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.turn:
            fault = self.fault(body)
            if fault:
                self.server.faults.append(fault)
                # No client asks again after this.
                problem = {"code": "deviated", "detail": fault}
                return self.answer(400, {"Content-Type": "application/problem+json"}, problem)
            response = self.server.left.pop(0)["response"]
            if response is None:
                self.close_connection = True
                return self.connection.close()
            wait = int(response["headers"].get("Retry-After", 0))
            self.server.not_before = time.monotonic() + wait
            self.answer(response["status"], response["headers"], response["body"])

    do_POST = do_PUT = do_DELETE = do_GET

    def fault(self, body):
        said = f"{self.command} {self.path} {body.decode(errors='replace')}"
        if self.server.faults:
            return f"and went on with {said}"
        if not self.server.left:
            return f"the conversation is over, and the client said {said}"
        expected = self.server.left[0]["request"]
        method, path = expected["line"].split(" ")
        if (self.command, *self.target(self.path)) != (method, *self.target(path)):
            return f"expected {expected['line']}, got {said}"
        if body and not (self.headers.get("Content-Type") or "").startswith("application/json"):
            return f"a body without Content-Type application/json: {said}"
        if (json.loads(body) if body else None) != expected.get("body"):
            return f"expected the body {json.dumps(expected.get('body'))}, got {said}"
        who = {name: self.headers[name] for name in CREDENTIALS if self.headers[name]}
        if who != {name: value for name, value in expected["headers"].items() if name in CREDENTIALS}:
            return f"other credentials than {expected['headers']}: {who}"
        early = self.server.not_before - time.monotonic()
        # Timers may fire a little early.
        return f"{early:.2f} seconds before Retry-After allowed it: {said}" if early > 0.05 else None

    @staticmethod
    def target(address):
        parts = urlsplit(address)
        return parts.path, sorted(parse_qsl(parts.query, keep_blank_values=True))

    def answer(self, status, headers, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


def run_client(command, arguments):
    """Its output, line by line, and its exit: None if it took too long."""
    try:
        return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return None


def play_run(number, run, command, copy):
    """The faults of a client in one run of a conversation."""
    server = Server(run["exchanges"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = run_client(command, [f"http://127.0.0.1:{server.server_port}", *run["arguments"], "--copy", copy])
    server.shutdown()
    faults = list(server.faults)
    if client is None:
        return [*faults, f"run {number}: the client took more than {LIMIT} seconds"]
    ended_well = client.returncode < 0 if run["killed"] else client.returncode == 0
    if server.left:
        faults.append(f"the client did not say {server.left[0]['request']['line']} and ended with {client.returncode}")
    elif not ended_well:
        faults.append(f"the client ended with {client.returncode}")
    if not ended_well and client.stderr:
        faults.append(client.stderr.strip())
    if not faults and [json.loads(line) for line in client.stdout.splitlines()] != run["prints"]:
        faults.append("the client printed something else:\n" + client.stdout)
    return [f"run {number}: {fault}" for fault in faults]


def differing(shown, expected):
    """Whether a copy differs from the conversation's."""
    state = {name: shown["state"].get(name) for name in expected["state"]}
    return {**expected, "records": shown["records"], "hashes": shown["hashes"], "state": state} != expected


def play(conversation, command):
    """The faults of a client."""
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder, "copy"))
        for number, run in enumerate(conversation["runs"], 1):
            faults = play_run(number, run, command, copy)
            if faults:
                return faults
        last = conversation["runs"][-1]["arguments"]
        client = run_client(command, ["http://127.0.0.1:9", *last, "--copy", copy, "--show"])
        if client is None or client.returncode:
            return [f"the client does not show its copy: {client and client.stderr.strip()}"]
        if differing(json.loads(client.stdout), conversation["copy"]):
            return ["the client's copy is another at the end:\n" + client.stdout]
        return []


def main():
    if len(sys.argv) < 4 or sys.argv[2] != "--":
        sys.exit(__doc__)
    path = Path(sys.argv[1])
    conversation = json.loads(path.read_text(encoding="utf-8"))
    faults = play(conversation, sys.argv[3:])
    print(f"{'FAILED' if faults else 'ok    '}  {path.stem}: {conversation['title']}", *faults, sep="\n        ")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
