"""A soak: many devices, changes of access every second, two replicas. Called by scripts/soak.sh, which says more."""

import argparse
import asyncio
import collections
import contextlib
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import setup
from checker import KINDS
from database import Cluster, SQLError
from plants import PLANTS
from soak import DEVICES_OF_A_USER, Soak

SHOWN = 6  # faults of a kind of which the text is printed


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(64, f"{self.prog}: {message}\n")


def parse():
    parser = Parser(
        "scripts/soak.sh",
        description="Lets many devices follow two replicas while access changes every second, "
        "judges every answer, and watches memory. Exit status: 0 all was right, 1 it was not, 64 usage.",
        epilog="Planted faults: " + "; ".join(f"{name}: {what}" for name, what in PLANTS.items()) + ".",
    )
    parser.add_argument(
        "--seconds",
        type=int,
        default=3600,
        help="for which it goes (3600); what follows to compare copies is not in it",
    )
    parser.add_argument("--devices", type=int, default=1000, help="devices (1000), ten of each user")
    parser.add_argument(
        "--seed", type=int, default=1, help="of everything that is left to chance (1); the machine's pace is not in it"
    )
    parser.add_argument(
        "--every", type=float, default=30.0, help="seconds between two polls of a device, on average (30)"
    )
    parser.add_argument("--changes", type=float, default=4.0, help="changes of records a second (4)")
    parser.add_argument(
        "--dump", metavar="FILE", help="a dump of Odoo 18 as SQL, also gzipped, instead of the small fixture"
    )
    parser.add_argument("--plant", choices=PLANTS, help="a fault that has to be found: the exit status is 1 then, too")
    parser.add_argument("--changefeed", required=True, help=argparse.SUPPRESS)
    parser.add_argument(
        "--keep", metavar="FOLDER", help="where journal and logs are kept; without, only when something is wrong"
    )
    options = parser.parse_args()
    if options.seconds < 30 or options.devices < 10 or options.every <= 0 or options.changes <= 0:
        parser.error("at least 30 seconds, 10 devices, and more than nothing of everything else")
    return options


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000


def report(soak):
    """Prints what was seen; the reasons why it was not right."""
    world, checker = soak.world, soak.checker
    print(
        f"\n{soak.seconds} s, {len(soak.devices)} devices of {len(soak.setup.users)} users, 2 replicas, "
        f"seed {soak.options.seed}, "
        f"{'dump ' + soak.options.dump if soak.options.dump else 'the fixture'}"
        + (f", planted: {soak.options.plant}" if soak.options.plant else "")
    )
    print(
        f"changes: {world.record_changes} of records, {world.access_changes} of access: "
        + ", ".join(f"{count} {kind}" for kind, count in world.by_kind.most_common())
    )
    for model, why in world.left_out.items():
        print(f"left out: {model} ({why})")
    print(
        "answers: "
        + ", ".join(f"{count} × {status}" for status, count in sorted(by_status(soak.statuses).items()))
        + "; "
        + ", ".join(f"{count} {code}" for code, count in soak.codes.most_common())
    )
    for path, times in sorted(soak.times_of_run.items()):
        print(f"{path}: {len(times)}, p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms")
    print(
        f"answers from memory: {' and '.join(map(str, soak.idle_answers))}; streams at once: {soak.most_streams}; "
        f"bells not heard: {soak.deaf}; lines in the logs (warnings and worse): {soak.log_lines}"
    )
    own = time.process_time() / (time.monotonic() - soak.gauges.begun)
    print(f"the script itself: {own:.0%} of a core, {soak.latest:.1f} s late at most")
    for line in soak.usage:
        print(line)
    for kind, what in KINDS.items():
        print(f"checks {kind}: {checker.counts[kind]} ({what})")
    print(f"later than at once, within the second: {dict(checker.late) or 'none'}")
    return reasons(soak)


def by_status(statuses):
    counts = collections.Counter()
    for (_, status), count in statuses.items():
        counts[status] += count
    return counts


def reasons(soak):
    wrong = list(soak.troubles) + soak.gauges.verdict()
    wrong += [f"no check of the kind {kind!r} was made" for kind in KINDS if not soak.checker.counts[kind]]
    if not all(soak.idle_answers):
        wrong.append("a replica answered nothing from memory, so that its memory was not tested")
    kinds = collections.Counter(kind for _, kind, _ in soak.checker.faults)
    wrong += [f"{count} faults of {kind}" for kind, count in kinds.most_common()]
    wrong += [f"in a log: {line}" for line in soak.log_problems[:SHOWN]]
    wrong += [f"a replica ended with {status}" for status in soak.exits if status != 0]
    for kind in kinds:
        for moment, _, text in [fault for fault in soak.checker.faults if fault[1] == kind][:SHOWN]:
            print(f"fault at {moment:.3f} ({kind}): {text}"[:900])
    return wrong


def main():
    options = parse()
    # A connection and sometimes a stream of each device to each replica.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    # What is started here is stopped here, however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(options.keep or tempfile.mkdtemp(prefix="changefeed-soak-log-", dir="/tmp"))
    folder.mkdir(parents=True, exist_ok=True)

    async def play(cluster):
        users = max(20, options.devices // DEVICES_OF_A_USER)
        made = await setup.make(
            cluster, options.changefeed, random.Random(f"{options.seed} set-up"), users, options.dump
        )
        soak = Soak(options, cluster, made, folder)
        await soak.run(options.changefeed)
        return soak

    with contextlib.ExitStack() as ending:
        cluster = Cluster()
        ending.callback(cluster.stop)
        ending.callback(cluster.keep_log, folder)
        try:
            soak = asyncio.run(play(cluster))
        except (SQLError, OSError) as error:
            print(f"The soak could not go on: {error}. Journal and logs are in {folder}.")
            return 1
        wrong = report(soak)
    if not wrong and not options.keep:
        shutil.rmtree(folder)
    for reason in wrong:
        print(f"WRONG: {reason}")
    if wrong:
        print(f"The soak failed. Journal and logs are in {folder}.")
        return 1
    print("All was right.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
