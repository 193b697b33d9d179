"""One run: two replicas, writers, devices, gauges, and what is looked at when all is quiet again."""

import asyncio
import collections
import random
import time

from changes import AccessWriter, RecordWriter
from checker import Checker
from database import Session
from device import STYLES, Device
from gauges import Gauges
from plants import plant
from service import POOL, Replica
from setup import APP_TYPES, DATABASE, FIELD
from world import World

DEVICES_OF_A_USER = 10
FINAL_SECONDS = 240  # that devices may take to be right after the last change


class Soak:
    def __init__(self, options, cluster, setup, folder):
        self.options, self.cluster, self.setup, self.folder = options, cluster, setup, folder
        self.seconds, self.every = options.seconds, options.every
        self.ramp = min(120.0, options.seconds / 6)
        self.ended, self.is_ending = asyncio.Event(), False
        self.statuses, self.codes, self.times = (
            collections.Counter(),
            collections.Counter(),
            collections.defaultdict(list),
        )
        self.latest = 0.0  # seconds that this script came too late, at most
        self.open_streams, self.leaked, self.most_streams, self.troubles, self.devices = set(), [], 0, [], []

    # What devices tell.

    def count(self, answer, is_timed):
        self.statuses[answer.path, answer.status] += 1
        if answer.code:
            self.codes[f"{answer.status} {answer.code}"] += 1
        if is_timed:
            self.times[answer.path].append(answer.end - answer.start)

    # The run.

    async def run(self, changefeed):
        sessions = [await Session.open(self.cluster.conninfo(DATABASE)) for _ in range(4)]
        try:
            with (self.folder / "journal.jsonl").open("w") as journal:
                self.world = World(self.setup, journal)
                await self._run(changefeed, *sessions)
        finally:
            # Also where the run is cut short, while a loop is there to take their ends.
            for session in sessions:
                await session.close()

    async def _run(self, changefeed, control, writing, access, gauging):
        for session in (writing, access):
            await session.run("SET ROLE odoo")
        await self.world.load(access)
        self.checker = Checker(self.world, FIELD)
        conninfo = self.cluster.conninfo(DATABASE, "changefeed_login")
        replicas = [Replica(number, changefeed, conninfo, self.folder) for number in range(2)]
        try:
            for replica in replicas:
                replica.wait()
            self.ports, pids = [replica.port for replica in replicas], [replica.process.pid for replica in replicas]
            self.gauges = Gauges(pids, self.cluster.postmaster, gauging, POOL)
            await self._play(control, writing, access)
            await self._look_back(control, replicas)
        finally:
            self.exits = [replica.stop() for replica in replicas]
            self.log_problems = [line for replica in replicas for line in replica.problems()]
            self.log_lines = sum(len(replica.lines()) for replica in replicas)

    async def _play(self, control, writing, access):
        seed = self.options.seed
        self.record_writer = RecordWriter(
            self.world, writing, random.Random(f"{seed} records"), 1 / self.options.changes
        )
        self.access_writer = AccessWriter(self.world, access, random.Random(f"{seed} access"))
        self._make_devices(random.Random(f"{seed} devices"))
        stop, begun = asyncio.Event(), time.monotonic()
        devices = [asyncio.create_task(device.run()) for device in self.devices]
        gauging = asyncio.create_task(self._watch())
        await asyncio.sleep(self.ramp)
        writers = [asyncio.create_task(writer.run(stop)) for writer in (self.record_writer, self.access_writer)]
        planting = asyncio.create_task(self._plant(control)) if self.options.plant else None
        left = self.seconds - (time.monotonic() - begun)
        running = [*writers, *devices, gauging]
        done, _ = await asyncio.wait(running, timeout=left, return_when=asyncio.FIRST_EXCEPTION)
        self._take_exceptions(done)
        stop.set()
        self._take_exceptions((await asyncio.wait(writers))[0])
        gauging.cancel()
        await self.gauges.sample()
        self.usage = list(self.gauges.lines())
        self.times_of_run = {path: list(times) for path, times in self.times.items()}
        for task in (planting, gauging):
            if task:
                task.cancel()
        # All devices are to come to a copy that is right by what is there now.
        self.is_ending = True
        done, late = await asyncio.wait(devices, timeout=FINAL_SECONDS)
        self._take_exceptions(done)
        for device in self.devices:
            if not device.is_final:
                self.checker.fault(
                    "final",
                    f"{device.name} was not told that its copy is complete within {FINAL_SECONDS} s of the last change",
                )
        self.ended.set()
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for connection in self.leaked:
            connection.close()

    def _take_exceptions(self, tasks):
        for task in tasks:
            if not task.cancelled() and task.exception():
                raise task.exception()

    def _make_devices(self, chance):
        names, styles = list(APP_TYPES), list(STYLES)
        for number in range(self.options.devices):
            user = self.setup.users[number % len(self.setup.users)]
            app_type = chance.choices(names, [40, 15, 15, 25, 5])[0]
            style = chance.choices(styles, list(STYLES.values()))[0]
            self.devices.append(
                Device(self, number, user, app_type, style, random.Random(f"{self.options.seed} {number}"))
            )

    async def _plant(self, control):
        await asyncio.sleep(max(2.0, self.seconds / 10))
        await plant(self.options.plant, self, control)

    async def _watch(self):
        """Samples every 10 seconds, in short runs more often, and forgets what is over."""
        every, begun, next_line = min(10.0, self.seconds / 24), time.monotonic(), 60.0
        while True:
            await self.gauges.sample()
            self.world.forget()
            self.most_streams = max(self.most_streams, len(self.open_streams))
            if time.monotonic() - begun > next_line:
                next_line += 60
                print(
                    f"{time.monotonic() - begun:6.0f} s: {sum(self.statuses.values())} answers, "
                    f"{sum(self.checker.counts.values())} checks, "
                    f"{len(self.checker.faults)} faults, memory {self.gauges.samples[-1]['memory']} KB",
                    flush=True,
                )
            due = time.monotonic() + every
            await asyncio.sleep(every)
            self.latest = max(self.latest, time.monotonic() - due)

    async def _look_back(self, control, replicas):
        """When nothing changes any more."""
        self.idle_answers = [int(replica.metric("changefeed_idle_answers_total")) for replica in replicas]
        self.deaf = sum(
            int(replica.metric(f"changefeed_doorbell_{name}_total"))
            for replica in replicas
            for name in ("deaf", "missed")
        )
        for text in (await self.world.drift(control))[:10]:
            self.troubles.append(f"the script does not know what is in the database: {text}")
        await self._compare_with_fresh()

    async def _compare_with_fresh(self):
        """What kept copies hold, and what a new device of the same user is given: the records' own values."""
        self.ended.clear()
        for device in [device for device in self.devices if device.kept is not None and device.is_final]:
            fresh = Device(
                self,
                len(self.devices) + len(self.leaked),
                device.user,
                device.app_type,
                "poll",
                random.Random(device.name),
            )
            fresh.name, fresh.kept = f"fresh-{device.name}", {}
            fresh.query["device_id"] = fresh.name
            for _ in range(200):
                if await fresh.pull(0):
                    break
            for model in device.models:
                mine, theirs = (own_values(each.kept.get(model, {})) for each in (device, fresh))
                self.checker.check(
                    "fresh",
                    mine == theirs,
                    lambda: (
                        f"{device.name} ({model}): what it holds is not what a new device is given: "
                        + "; ".join(differences(mine, theirs)[:3])
                    ),
                )
            for connection in fresh.connections:
                connection.close()
        self.ended.set()


def own_values(records):
    """What stands in the record itself: lists and names are others' business."""
    return {
        record: {
            name: value[0] if isinstance(value, list) and value else value
            for name, value in data.items()
            if not (isinstance(value, list) and (not value or isinstance(value[0], int) and not is_many2one(value)))
            and name != "display_name"
        }
        for record, data in records.items()
        if data is not None
    }


def is_many2one(value):
    return len(value) == 2 and isinstance(value[0], int) and isinstance(value[1], str)


def differences(mine, theirs):
    return [
        f"{record} {name}: {mine.get(record, {}).get(name)} / {theirs.get(record, {}).get(name)}"
        for record in sorted({*mine, *theirs})
        for name in sorted({*mine.get(record, {}), *theirs.get(record, {})})
        if mine.get(record, {}).get(name) != theirs.get(record, {}).get(name)
    ]
