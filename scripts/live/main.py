"""Drives a running Odoo with random operations as several users, while devices pull from the feed and crash; at the end every
copy is compared with what Odoo itself shows. It WRITES to the database: for throw-away databases only.

Exit status: 0 no differences, 1 it could not run, 2 differences, 64 usage."""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter

import compare
from devices import Device, Problem
from odoo import Broken, Odoo, Refused
from operations import perform
from options import Parser
from users import World


def options():
    parser = Parser("scripts/live.sh", __doc__)
    environment = os.environ.get
    parser.add_argument("--url", default=environment("ODOO_URL"), help="of Odoo (ODOO_URL)")
    parser.add_argument("--database", default=environment("ODOO_DATABASE"), help="its name (ODOO_DATABASE)")
    parser.add_argument("--login", default=environment("ODOO_LOGIN", "admin"), help="of an administrator (ODOO_LOGIN, else admin)")
    parser.add_argument("--key", default=environment("ODOO_KEY"), help="the administrator's API key or password (better: ODOO_KEY)")
    parser.add_argument("--feed", default=environment("FEED_URL", "http://127.0.0.1:8000"), help="where changefeed serve answers (FEED_URL)")
    parser.add_argument("--throw-away", action="store_true", help="the database may be written to as one likes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=300)
    parser.add_argument("--crash-rate", type=float, default=0.3, help="of a device's syncs while others write")
    parser.add_argument("--patience", type=float, default=0.2, help="seconds that a device waits at most after a 410")
    parser.add_argument("--limit", type=int, default=100, help="records and events that a device asks for at once")
    parser.add_argument("--against", default="Odoo", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.throw_away:
        parser.error("it writes at random: say --throw-away if the database is one")
    for name in ("url", "database", "key"):
        if not getattr(chosen, name):
            parser.error(f"--{name} is needed, or --stub")
    return chosen


class Run:
    def __init__(self, chosen, folder):
        self.chosen, self.random = chosen, random.Random(chosen.seed)
        admin = Odoo(chosen.url, chosen.database).log_in(chosen.login, chosen.key)
        self.world = World(admin, self.random)
        left_out = self.world.make_users(chosen.seed)
        print(f"users: {', '.join(caller.login for caller in self.world.callers)}"
              + (f"; not made: {', '.join(left_out)}" if left_out else ""), flush=True)
        self.done, self.refused, self.broken = Counter(), Counter(), []
        self.devices = []
        for caller in self.world.callers:
            self.add_device(caller, folder)

    def add_device(self, caller, folder):
        try:
            device = Device(caller, self.chosen.feed, f"{caller.login}-{time.time_ns()}", folder, self.chosen.patience, self.chosen.limit)
            # The first list may end too early as well.
            device.sync(self.random, self.chosen.crash_rate)
        except (Refused, Broken) as error:
            return print(f"no device for {caller.login}: {error}", flush=True)
        except Problem as problem:
            if problem.status not in (401, 403):
                raise
            return print(f"no device for {caller.login}: the feed says {problem}", flush=True)
        self.devices.append(device)

    def operate(self):
        for _ in range(self.chosen.operations):
            try:
                self.done[perform(self.world)] += 1
            except Refused as refused:
                self.refused[refused.operation.split()[0]] += 1
            except Broken as broken:
                self.broken.append(f"{broken.operation}: {broken}")
            if self.random.random() < 0.4:
                self.random.choice(self.devices).sync(self.random, self.chosen.crash_rate)

    def differences(self):
        """Those that are still there when everything is asked again."""
        first = self.once()
        again = self.once() if first else {}
        return {key: value for key, value in again.items() if key in first}

    def once(self):
        found = {}
        for device in self.devices:
            if not device.settle():
                print(f"{device.name}: there is always more to pull", flush=True)
            found.update(compare.differences(device, self.world.admin))
        return found


def main():
    chosen = options()
    print(f"live test against {chosen.against}: seed {chosen.seed}, {chosen.operations} operations", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(chosen, folder)
        if not run.devices:
            sys.exit("no user got a device")
        run.operate()
        return report(run)


def report(run):
    print(f"operations: {sum(run.done.values())} done, {sum(run.refused.values())} refused, {len(run.broken)} broken; "
          f"devices: {len(run.devices)}, {sum(device.syncs for device in run.devices)} syncs, "
          f"{sum(device.crashes for device in run.devices)} crashes", flush=True)
    for text in run.broken[:10]:
        print(f"    broken: {text}")
    after_pulls = run.differences()
    told = {key: value for key, value in after_pulls.items() if compare.is_told_by_pulls(run.world, key)}
    print("differences after pulls alone (names, lists and sight that other records decide are the digest's to find):")
    print(*compare.table(after_pulls), sep="\n")
    mended = Counter()
    for device in run.devices:
        mended.update(device.mend())
    print("ranges that the digest found: " + (", ".join(f"{model} {count}" for model, count in sorted(mended.items()) if count) or "none"))
    left = run.differences()
    print("differences after mending by the digest:")
    print(*compare.table(left), sep="\n")
    compared = sum(len(device.records(model)) for device in run.devices for model in device.models())
    by_the_feed = [text for text in run.broken if "changefeed" in text]
    for title, faults in (("that pulls should have told", told), ("that mending left", left)):
        if faults:
            print(f"FAULTS, {title}:", *compare.examples(faults), sep="\n")
    if by_the_feed:
        print("FAULTS, calls of Odoo that the feed broke:", *(f"    {text}" for text in by_the_feed), sep="\n")
    if compared == 0:
        print("no record was compared: nothing is shown by this")
        return 1
    print(f"{compared} records of {len(run.devices)} devices compared with {run.chosen.against}: "
          + ("FAULTS" if told or left or by_the_feed else "equal"))
    return 2 if told or left or by_the_feed else 0


if __name__ == "__main__":
    sys.exit(main())
