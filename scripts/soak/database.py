"""A private PostgreSQL, and sessions by psql, since Python's own library has no driver."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

END = "-- end of the answer --"


class SQLError(Exception):
    """What the server said no to."""


class Cluster:
    """A PostgreSQL in a folder of its own, which goes with it."""

    def __init__(self):
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not programs:
            raise SystemExit("no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
        self.programs, self.folder = programs[-1], Path(tempfile.mkdtemp(prefix="changefeed-soak-", dir="/tmp"))
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run(
            "initdb",
            "-D",
            f"{self.folder}/data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        # track_io_timing and logs stay as they come: this is to be like a server that nobody has tuned.
        self._run(
            "pg_ctl",
            "-D",
            f"{self.folder}/data",
            "-l",
            f"{self.folder}/log",
            "-w",
            "-o",
            f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off -c max_connections=60",
            "start",
        )
        self.postmaster = int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def conninfo(self, database, user="postgres"):
        return f"host={self.folder} dbname={database} user={user}"

    def _run(self, program, *arguments):
        # PostgreSQL refuses to run as root.
        who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*who, str(self.programs / program), *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def keep_log(self, folder):
        shutil.copy(self.folder / "log", folder / "postgresql.log")

    def stop(self):
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)


def psql(conninfo, *arguments, text=None):
    """Runs psql to its end; text: what it reads."""
    subprocess.run(
        ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", conninfo, *arguments],
        input=text,
        check=True,
        text=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"},
    )


class Session:
    """One psql that runs statements, one at a time. The caller sees to it that nobody else uses it meanwhile."""

    @classmethod
    async def open(cls, conninfo):
        self = cls()
        self.process = await asyncio.create_subprocess_exec(
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-d",
            conninfo,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=1 << 28,
        )
        await self.run("SET client_min_messages = error")
        return self

    async def run(self, sql):
        """The lines of an answer. Raises SQLError."""
        self.process.stdin.write(f"{sql};\n\\echo {END}\n".encode())
        lines = []
        while (line := (await self.process.stdout.readline()).decode()) != END + "\n":
            if not line:
                raise SQLError("psql ended: " + " ".join(lines))
            lines.append(line.rstrip("\n"))
        errors = [line for line in lines if line.startswith(("ERROR:", "FATAL:"))]
        if errors:
            raise SQLError(f"{errors[0]} in: {sql[:300]}")
        return lines

    async def rows(self, select):
        """A query's rows as dictionaries."""
        lines = await self.run(f"SELECT coalesce(json_agg(row_to_json(q)), '[]')::text FROM ({select}) q")
        return json.loads("".join(lines))

    async def numbers(self, statement):
        """The first column of a statement's rows, as numbers."""
        return [int(line) for line in await self.run(statement) if line]

    async def close(self):
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


def quoted(value):
    """A value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
