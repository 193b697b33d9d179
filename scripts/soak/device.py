"""A device: follows an app type by docs/api.md's loop, asks either replica, and has every answer judged."""

import asyncio
import contextlib
import json
import time
import urllib.parse

from http_client import Connection, NoAnswer
from setup import APP_TYPES, STAMPS

# How a device hears of news, and how many of a hundred do so.
STYLES = {"poll": 62, "burst": 18, "wait": 12, "stream": 8}
REFUSALS = 12  # answers 410 a minute, after which the service says 429
SETTLED, SETTLED_DATA = 1.5, 75.0  # seconds after the last change, when a copy has to be right; data of whole records
KEY_LIMITED = 75.0  # seconds for which a key may be refused after others with the same first characters were wrong


class Answer:
    def __init__(self, path, status, fields, body, start, end):
        self.path, self.status, self.start, self.end = path, status, start, end
        self.retry_after = int(fields.get("retry-after", "0"))
        self.json = json.loads(body) if body else {}
        self.code = self.json.get("code") if status != 200 else None


class Device:
    def __init__(self, soak, number, user, app_type, style, random):
        self.soak, self.user, self.app_type, self.style, self.random = soak, user, app_type, style, random
        self.name = f"soak-{number}"
        self.models = [model for model in APP_TYPES[app_type] if model in soak.world.records]
        source = f"127.1.{number // 250}.{number % 250 + 1}"
        self.connections = [Connection(port, source) for port in soak.ports]
        self.streams = [Connection(port, source) for port in soak.ports]
        self.replica = number % len(soak.ports)
        self.key = soak.world.handed[user]
        self.token, self.copy, self.due, self.refusals = None, {}, [], []
        self.dropped = set()  # Models whose copy was dropped for the list that is due.
        # Whole data, for a look at the end; of a tenth, at most about 40.
        self.kept = {} if random.random() < min(0.1, 40 / soak.options.devices) else None
        self.news, self.is_final = asyncio.Event(), False
        # Devices with much to follow hear of something nearly each time: they hold no more than a few.
        self.query = {"device_id": self.name, "app_type": app_type, "limit": 500}
        self.accepts_gzip = random.random() < 0.25

    async def run(self):
        await asyncio.sleep(self.random.uniform(0, self.soak.ramp))
        follower = asyncio.create_task(self._follow()) if self.style == "stream" else None
        try:
            while not self.soak.ended.is_set() and not self.is_final:
                await self.step()
        finally:
            if follower:
                follower.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await follower
            for connection in self.connections + self.streams:
                connection.close()

    async def step(self):
        if self.random.random() < 0.04:
            self.replica = self.random.randrange(len(self.connections))
        wait = self.random.choice([0, 5, 15]) if self.style == "wait" and not self.soak.is_ending else 0
        is_complete = await self.pull(wait)
        if is_complete and self.style == "burst":
            for _ in range(self.random.randint(2, 5)):
                await asyncio.sleep(self.random.uniform(0.1, 0.5))
                await self.pull(0)
        elif is_complete is False and self.random.random() < 0.5:
            return  # What comes after the batch at once.
        await self.pause()

    async def pause(self):
        every = min(self.soak.every, len(self.soak.devices) / 50) if self.soak.is_ending else self.soak.every
        if self.style == "stream":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.news.wait(), self.random.uniform(1, 3) * every)
            self.news.clear()
            # A hint comes to all who follow at once.
            every /= 4
        await asyncio.sleep(self.random.uniform(0.5, 1.5) * every)

    # The loop.

    async def pull(self, wait):
        """True: nothing is missing. False: something came. None: it has to be asked again."""
        query = {**self.query, **({"wait": wait} if wait else {}), **({"sync_token": self.token} if self.token else {})}
        answer = await self.ask("GET", "sync/pull", query, timeout=30 + wait)
        if answer is None:
            return None
        if answer.status == 410:
            await self.take_anew(answer)
            return None
        if answer.status != 200:
            self.soak.checker.fault("status", f"{self.said(answer)}: {answer.json}")
            return None
        body, events = answer.json, answer.json["events"]
        self.judge(
            answer,
            [(event["model"], event["record_id"], event["data"]) for event in events if event["event"] != "unlink"],
        )
        self.soak.checker.models(
            self.user,
            self.models,
            {model for model in body["models"] if model in self.models},
            answer.start,
            answer.end,
            self.said(answer),
        )
        for event in events:
            self.put(event["model"], event["record_id"], None if event["event"] == "unlink" else event["data"])
        self.token = body["next_sync_token"]
        if events:
            settled = await self.ask("POST", "sync/acknowledge", {}, {"device_id": self.name, "sync_token": self.token})
            if settled and settled.status != 200:
                self.soak.checker.fault("status", f"{self.said(settled)}: {settled.json}")
            return False
        if body["has_more"]:
            return False
        self.compare(answer)
        return True

    def compare(self, answer):
        # What whole data depend on is looked at by the service once a minute only.
        settled = self.soak.world.last_change + (SETTLED if self.kept is None else SETTLED_DATA)
        is_final = self.soak.is_ending and answer.start > settled
        self.soak.checker.copy(
            self.user,
            self.copy,
            self.models,
            answer.start,
            answer.end,
            self.said(answer),
            ("copies", "final") if is_final else ("copies",),
        )
        self.is_final = is_final

    async def take_anew(self, answer):
        """A 410: the models' copies are dropped once, and their lists taken."""
        models = answer.json["models"]
        if answer.json["mode"] == "replace":
            for model in set(models) - self.dropped:
                self.copy.pop(model, None)
        self.dropped |= set(models)
        self.token = None
        await asyncio.sleep(answer.retry_after)
        for model in models:
            if not await self.take(model):
                return
        self.dropped.clear()

    async def take(self, model):
        """A model's list, page by page; whether it is complete."""
        listed, cursor = {}, None
        while True:
            query = {"device_id": self.name, "model": model, "limit": 500, **({"cursor": cursor} if cursor else {})}
            answer = await self.ask("GET", "sync/snapshot", query)
            if answer is None:
                return False
            if answer.status == 403 and answer.code == "model_not_readable":
                self.soak.checker.models(self.user, [model], set(), answer.start, answer.end, self.said(answer))
                listed = {}
                break
            if answer.code == "cursor_mismatch" and cursor:
                listed, cursor = {}, None  # The list that it continued counts no longer: from the start.
                continue
            if answer.status != 200:
                self.soak.checker.fault("status", f"{self.said(answer)}: {answer.json}")
                return False
            page = answer.json
            self.judge(answer, [(model, record["record_id"], record["data"]) for record in page["records"]])
            listed.update((record["record_id"], record["data"]) for record in page["records"])
            cursor = page["next_cursor"]
            if page["complete"]:
                break
        self.copy[model] = {}
        if self.kept is not None:
            self.kept[model] = {}
        for record, data in listed.items():
            self.put(model, record, data)
        return True

    def put(self, model, record, data):
        if data is None:
            self.copy.get(model, {}).pop(record, None)
        elif model in STAMPS:
            self.copy.setdefault(model, {})[record] = data[STAMPS[model]]
        if self.kept is not None:
            self.kept.setdefault(model, {})[record] = data

    def judge(self, answer, shown):
        by_model = {}
        for model, record, data in shown:
            if data is None:
                self.soak.checker.fault("data", f"{self.said(answer)}: {model},{record} came without data")
            elif model in self.soak.world.records:
                by_model.setdefault(model, []).append((record, data))
        for model, pairs in by_model.items():
            self.soak.checker.records(self.user, model, pairs, answer.start, answer.end, self.said(answer))

    def said(self, answer):
        who = f"{self.name} of user {self.user} ({self.style}, {self.app_type}) at replica {self.replica}"
        when = f"{answer.path} from {answer.start:.3f} to {answer.end:.3f}"
        return f"{who}, {when}: {answer.status} {answer.code or ''}".rstrip()

    # Requests.

    async def ask(self, method, path, query, body=None, timeout=30):
        """An answer that is not about key or limits; None: ask again later."""
        headers = {"Authorization": f"Bearer {self.key}", **({"Accept-Encoding": "gzip"} if self.accepts_gzip else {})}
        path = f"/api/v2/{path}?{urllib.parse.urlencode(query)}" if query else f"/api/v2/{path}"
        start = time.monotonic()
        try:
            status, fields, content = await self.connections[self.replica].request(
                method, path, headers, json.dumps(body).encode() if body else None, timeout
            )
        except NoAnswer as error:
            if not self.soak.ended.is_set():
                self.soak.checker.fault("answers", f"{self.name} at replica {self.replica}: no answer ({error})")
            await asyncio.sleep(1)
            return None
        answer = Answer(path.split("?")[0], status, fields, content, start, time.monotonic())
        self.soak.count(answer, is_timed="wait" not in query)
        return None if await self.is_put_off(answer) else answer

    async def is_put_off(self, answer):
        """Judges whether key and limits were applied as they should be; waits where they were."""
        if answer.status == 410:
            self.refusals.append(answer.end)
        self.refusals = [moment for moment in self.refusals if moment > answer.end - 61]
        # After too many refusals a key is not tried for a minute, though it may be right again.
        is_limited = answer.status == 429 and answer.code == "too_many_failures"
        states = self.soak.world.access.within(answer.start - KEY_LIMITED, answer.end)
        is_excused = is_limited and states[-1].admits(self.user, self.key)
        is_excused = is_excused and not all(state.admits(self.user, self.key) for state in states)
        is_refused = answer.status == 401 or is_limited
        if answer.status < 500 and not is_excused:
            self.soak.checker.credential(self.user, self.key, is_refused, answer.start, answer.end, self.said(answer))
        if is_refused:
            await self.log_in()
        elif answer.status >= 500:
            self.soak.checker.fault("status", f"{self.said(answer)}: {answer.json}")
            await asyncio.sleep(answer.retry_after + self.random.random())
        elif answer.status == 429 and len(self.refusals) >= REFUSALS:
            await asyncio.sleep(answer.retry_after + self.random.random())
        else:
            return False
        return True

    async def log_in(self):
        """Takes the user's present key. Where that was refused, the user is archived or the key limited for a while."""
        if self.key == self.soak.world.handed[self.user]:
            await asyncio.sleep(self.random.uniform(2, 6))
        self.key = self.soak.world.handed[self.user]

    # Streams.

    async def _follow(self):
        while True:
            connection, key = self.streams[self.replica], self.key
            try:
                await self._read(connection, key)
            except asyncio.TimeoutError:
                self.soak.checker.fault("streams", f"stream of {self.name}: no sign of life within a minute")
            except (OSError, EOFError, ValueError, IndexError):
                pass  # The service ends streams.
            connection.close()
            self.soak.open_streams.discard(self)
            self.news.set()
            await asyncio.sleep(self.random.uniform(2, 5))

    async def _read(self, connection, key):
        query = urllib.parse.urlencode({"device_id": self.name, "app_type": self.app_type})
        status, fields = await asyncio.wait_for(
            connection.send("GET", f"/api/v2/sync/stream?{query}", {"Authorization": f"Bearer {key}"}), 30
        )
        self.soak.statuses["GET /api/v2/sync/stream", status] += 1
        if status != 200:
            if status not in (401, 410, 429):
                self.soak.checker.fault("status", f"{self.name}: {status} for a stream")
            return
        self.soak.open_streams.add(self)
        while part := await asyncio.wait_for(connection.chunk(), 60):
            self.soak.checker.stream(self.user, key, time.monotonic(), f"stream of {self.name}")
            if b"event: change" in part:
                self.news.set()
