"""Plays a recorded conversation to a client and fails when the client deviates from it.

    replay.py CONVERSATION.json -- COMMAND...

Runs COMMAND with the address of this server, the conversation's arguments and a file with the copy that it begins with. Each
request must be the next of the conversation: method, path, parameters, credentials and body. It must not come earlier than
the last answer's Retry-After allows. At the end the client must have said everything, printed the same, hold the same copy,
and have ended well."""

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
                return self.answer(400, {"Content-Type": "application/problem+json"}, {"code": "deviated", "detail": fault})
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


def play(conversation, command):
    """The faults of a client."""
    server = Server(conversation["exchanges"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.json")
        if conversation["copy_before"]:
            copy.write_text(json.dumps(conversation["copy_before"]))
        arguments = [f"http://127.0.0.1:{server.server_port}", *conversation["arguments"], "--copy", str(copy)]
        try:
            run = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return [*server.faults, f"the client took more than {LIMIT} seconds"]
        server.shutdown()
        faults = list(server.faults)
        if server.left:
            faults.append(f"the client did not say {server.left[0]['request']['line']} and ended with {run.returncode}")
        elif run.returncode:
            faults.append(f"the client ended with {run.returncode}")
        if run.returncode and run.stderr:
            faults.append(run.stderr.strip())
        if faults:
            return faults
        if [json.loads(line) for line in run.stdout.splitlines()] != conversation["prints"]:
            faults.append("the client printed something else:\n" + run.stdout)
        if json.loads(copy.read_text()) != conversation["copy_after"]:
            faults.append("the client's copy is another at the end:\n" + copy.read_text())
        return faults


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
