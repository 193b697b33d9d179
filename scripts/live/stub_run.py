"""Runs the live test against the stand-in: a scratch database of Tests/Fixtures/odoo.sql with the feed installed, the stand-in on
it, and `changefeed serve`.

    scripts/live.sh --stub [--plant deaf|few] [--server CONNINFO] [options of the driver]

--server: a PostgreSQL where a superuser may make a scratch database (dropped at the end); without, a private throw-away one is
started. --changefeed PATH: the binary."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from options import Parser
from stub import PLANTS, Stub
from stub_database import Database

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class PrivateServer:
    """A PostgreSQL of its own, in a folder that goes with it."""

    def __init__(self):
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not programs:
            sys.exit("no PostgreSQL in /usr/lib/postgresql: give --server CONNINFO")
        self.programs, self.folder = programs[-1], tempfile.mkdtemp(prefix="changefeed-live-", dir="/tmp")
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.run("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o",
                 f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off", "start")
        self.conninfo = f"host={self.folder} user=postgres"

    def run(self, program, *arguments):
        # PostgreSQL refuses to run as root.
        who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*who, str(self.programs / program), *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def stop(self):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)


def psql(conninfo, *arguments):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", conninfo, *arguments], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})


def make_database(server, name):
    """The fixture, what the stand-in adds to it, and the feed."""
    psql(f"{server} dbname=postgres", "-c", f"CREATE DATABASE {name}")
    conninfo = f"{server} dbname={name}"
    for file in (ROOT / "Tests/Fixtures/odoo.sql", HERE / "stub.sql", ROOT / "sql/install.sql"):
        psql(conninfo, "-f", str(file))
    psql(conninfo, "-c", """
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'changefeed_login') THEN CREATE ROLE changefeed_login LOGIN; END IF;
        END $$;
        GRANT changefeed_service TO changefeed_login;
        SELECT changefeed.track('sale.order.line'), changefeed.track('res.partner.category')""")
    return conninfo


def start_service(program, conninfo, odoo):
    """`changefeed serve`, and where it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "DATABASE_URL": f"{conninfo} user=changefeed_login", "CHANGEFEED_PORT": str(port),
        "CHANGEFEED_ADMIN_PORT": "0", "CHANGEFEED_RATE_LIMIT_SYNC_DEVICE": "0", "CHANGEFEED_RATE_LIMIT_SYNC_USER": "0",
        "CHANGEFEED_ALLOW_PORTAL_USERS": "true", "ODOO_URL": odoo, "LOG_LEVEL": os.environ.get("LOG_LEVEL", "warning")}
    service, url = subprocess.Popen([program, "serve"], env=environment), f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url + "/readyz", timeout=5).close()
            return service, url
        except OSError:
            if service.poll() is not None or time.monotonic() > deadline:
                service.kill()
                sys.exit("changefeed serve did not become ready")
            time.sleep(0.1)


def main():
    parser = Parser("scripts/live.sh --stub", __doc__)
    parser.add_argument("--plant", choices=PLANTS)
    parser.add_argument("--server")
    parser.add_argument("--changefeed", required=True)
    chosen, others = parser.parse_known_args()
    # What is started here is stopped here, however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    name, key = f"live_{os.getpid()}", secrets.token_hex(20)
    with contextlib.ExitStack() as ending:
        server = chosen.server
        if not server:
            private = PrivateServer()
            ending.callback(private.stop)
            server = private.conninfo
        ending.callback(psql, f"{server} dbname=postgres", "-c", f"DROP DATABASE IF EXISTS {name}")
        conninfo = make_database(server, name)
        database = Database(f"{conninfo} user=odoo")
        ending.callback(database.close)
        stub = Stub(database, name, key, chosen.plant)
        service, url = start_service(chosen.changefeed, conninfo, stub.url)
        ending.callback(service.wait)
        ending.callback(service.terminate)
        print("This runs against a STUB, not against Odoo: no Odoo was given." + (f" Planted: {chosen.plant}." if chosen.plant else ""), flush=True)
        driver = [sys.executable, str(HERE / "main.py"), "--throw-away", "--url", stub.url, "--database", name, "--feed", url,
                  "--against", "the stub", "--limit", "10", *others]
        return subprocess.run(driver, env={**os.environ, "ODOO_KEY": key, "ODOO_LOGIN": "admin"}).returncode


if __name__ == "__main__":
    sys.exit(main())
