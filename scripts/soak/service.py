"""The replicas: `changefeed serve`, twice."""

import os
import re
import socket
import subprocess
import time
import urllib.request

POOL = 8
PROBLEM = re.compile(r"\b(error|critical|fatal)\b", re.IGNORECASE)


class Replica:
    def __init__(self, number, changefeed, conninfo, folder):
        self.port, self.admin = free_ports(2)
        self.log = folder / f"replica-{number}.log"
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": conninfo,
            "CHANGEFEED_PORT": str(self.port),
            "CHANGEFEED_ADMIN_PORT": str(self.admin),
            "CHANGEFEED_RATE_LIMIT_SYNC_DEVICE": "0",
            "CHANGEFEED_RATE_LIMIT_SYNC_USER": "0",
            "CHANGEFEED_ALLOW_PORTAL_USERS": "true",
            "CHANGEFEED_POOL_SIZE": str(POOL),
            "CHANGEFEED_MAX_CONNECTIONS": "4096",
            "LOG_LEVEL": "warning",
        }
        self.process = subprocess.Popen(
            [changefeed, "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=self.log.open("w")
        )

    def wait(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"changefeed serve did not become ready:\n{self.log.read_text()}") from None
                time.sleep(0.1)

    def metric(self, name):
        """The sum of a metric's series."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(re.escape(name) + r"[ {]", line))

    def lines(self):
        return self.log.read_text().splitlines()

    def problems(self):
        """Lines of its log that are about an error."""
        return [line for line in self.lines() if PROBLEM.search(line)]

    def stop(self):
        """Its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
