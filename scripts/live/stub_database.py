"""A PostgreSQL session by psql, since Python's own library has no driver."""

import json
import subprocess
import threading

END = "-- end of the answer --"


class SQLError(Exception):
    """What the server said no to."""


class Database:
    """One psql that runs transactions, one at a time."""

    def __init__(self, conninfo):
        command = ["psql", "-X", "-q", "-A", "-t", "-d", conninfo]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.turn = threading.RLock()
        self.run("SET client_min_messages = error")

    def __enter__(self):
        self.turn.acquire()
        self.run("BEGIN")
        return self

    def __exit__(self, kind, *_):
        try:
            self.run("ROLLBACK" if kind else "COMMIT")
        finally:
            self.turn.release()

    def run(self, sql):
        """The lines of a statement's answer."""
        with self.turn:
            self.process.stdin.write(f"{sql};\n\\echo {END}\n")
            self.process.stdin.flush()
            lines = []
            while (line := self.process.stdout.readline()) != END + "\n":
                if not line:
                    raise SQLError("psql ended: " + " ".join(lines))
                lines.append(line.rstrip("\n"))
        if lines and lines[0].startswith(("ERROR:", "FATAL:")):
            raise SQLError("\n".join(lines))
        return lines

    def rows(self, select):
        """A query's rows as dictionaries."""
        lines = self.run(f"SELECT coalesce(json_agg(row_to_json(q)), '[]')::text FROM ({select}) q")
        return json.loads("".join(lines))

    def ids(self, statement):
        """The first column of a statement's rows, as numbers."""
        return [int(line) for line in self.run(statement)]

    def close(self):
        self.process.terminate()
        self.process.wait()
