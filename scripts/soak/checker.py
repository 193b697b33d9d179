"""Judges answers: no record, field or model that the user may not be shown, nothing that is old, nothing missing.

What an answer may show is what was so at some moment between SLACK seconds before its request began and its end."""

import collections
import time

# What the feed promises: what was committed a second before a request begins is in its answer.
SLACK = 1.0
KINDS = {
    "records": "records with data that were shown: visible, and no older than the request",
    "fields": "of these, those of the model with the field that has groups: there or not, as it should be",
    "models": "lists of models that a device follows",
    "copies": "whole copies compared, model by model, when a pull said that nothing is missing",
    "final": "of these, after the last change",
    "fresh": "copies compared with one that a new device of the same user was given at the end",
    "valid": "requests with a key that was valid all the while",
    "revoked": "requests that began more than a second after their key was revoked or its user archived",
    "streams": "signs of life of streams, whose key must not be revoked for longer than a stream may outlive it",
}
STREAM_OUTLIVES = 60.0 + 20.0  # seconds: "within a minute", and the time until the next sign of life


class Checker:
    def __init__(self, world, field):
        self.world, self.field = world, field
        self.counts, self.late, self.faults = collections.Counter(), collections.Counter(), []

    def fault(self, kind, text):
        self.faults.append((time.monotonic(), kind, text))

    def check(self, kind, is_right, text):
        """text: a function, since most checks are right."""
        self.counts[kind] += 1
        if not is_right:
            self.fault(kind, text())
        return is_right

    # Credentials.

    def credential(self, user, key, is_refused, start, end, what):
        """Whether a request was let in or refused as its key deserves."""
        old = [state.admits(user, key) for state in self.world.access.within(start - SLACK, end)]
        if not any(old):
            return self.check(
                "revoked", is_refused, lambda: f"{what}: let in, though the key of user {user} was not valid"
            )
        states = self.world.access.within(start, end)
        if not any(state.admits(user, key) for state in states) and not is_refused:
            self.late["revoked key"] += 1
        if all(state.admits(user, key) for state in states):
            return self.check(
                "valid", not is_refused, lambda: f"{what}: refused, though the key of user {user} was valid"
            )
        return True

    def stream(self, user, key, now, what):
        states = self.world.access.within(now - STREAM_OUTLIVES, now)
        self.check(
            "streams",
            any(state.admits(user, key) for state in states),
            lambda: f"{what}: still open {STREAM_OUTLIVES:.0f} s after the key of user {user} was revoked",
        )

    # What answers show.

    def records(self, user, model, shown, start, end, what):
        """shown: pairs of record id and data."""
        records = self.world.records[model]
        states = self.world.access.within(start - SLACK, end)
        sights = {state.sight(user, model) for state in states}
        at_once = {state.sight(user, model) for state in self.world.access.within(start, end)}
        stamps = [records.stamps(sight, end) for sight in sights]
        unsettled = records.unsettled(start)
        self.counts["records"] += len(shown)
        for record, data in shown:
            history = records.history.get(record)
            if record in unsettled or history is None:
                versions = [row for row in (history.within(start, end) if history else []) if row is not None]
                visible = [row for row in versions if any(records.passes(sight, row) for sight in sights)]
            else:
                versions = [history.newest]
                visible = versions if any(record in shown for shown in stamps) else []
            if not visible:
                why = "the user may not see" if versions else "is not there"
                self.fault("records", f"{what}: {model},{record} is shown, which {why}")
            elif not any(self.is_version(row, data) for row in visible):
                self.fault(
                    "records",
                    f"{what}: {model},{record} is not as it was while the request ran: {data} is none of {visible}",
                )
            elif at_once != sights and not any(records.passes(sight, row) for row in visible for sight in at_once):
                self.late["record"] += 1
            if model == self.field[0]:
                self._field(user, states, data, what, record)

    def _field(self, user, states, data, what, record):
        is_there = self.field[1] in data
        self.check(
            "fields",
            is_there in {state.shows_field(user) for state in states},
            lambda: (
                f"{what}: {self.field[0]},{record}: {self.field[1]} is {'' if is_there else 'not '}there, "
                "against its groups"
            ),
        )

    @staticmethod
    def is_version(row, data):
        """Whether data show this version, in the fields that both have."""
        for name, value in row.items():
            if name not in data:
                continue
            shown = data[name]
            if isinstance(shown, list):  # many2one
                shown = shown[0]
            if (value if value is not None else False) != shown and (value or shown):
                return False
        return True

    def models(self, user, possible, answered, start, end, what):
        """possible: the models of the app type; answered: those of the answer that the soak knows about."""
        right = [
            {model for model in possible if state.sight(user, model) is not None}
            for state in self.world.access.within(start - SLACK, end)
        ]
        self.check(
            "models", answered in right, lambda: f"{what}: follows {sorted(answered)}, which should be one of {right}"
        )

    def copy(self, user, copy, models, start, end, what, kinds=("copies",)):
        """A copy that a pull has said to be complete. copy: {model: {record: stamp}}."""
        states = self.world.access.within(start - SLACK, end)
        for model in models:
            wrong = self._differences(user, model, copy.get(model, {}), states, start - SLACK, end)
            for kind in kinds:
                self.counts[kind] += 1
            for record, text in wrong[:3]:
                self.fault("copies", f"{what}: {model},{record} {text} ({len(wrong)} such in this copy)")

    def _differences(self, user, model, copy, states, start, end):
        records, wrong = self.world.records[model], []
        sights = list({state.sight(user, model): None for state in states})
        expected = [records.stamps(sight, end) for sight in sights]
        unsettled = records.unsettled(start)
        suspects = {record for record, _ in copy.items() ^ expected[-1].items()} | unsettled
        for record in suspects:
            has = copy.get(record)
            if record in unsettled:
                versions = records.history[record].within(start, end)
                may = {
                    row[records.stamp] if row is not None and records.passes(sight, row) else None
                    for row in versions
                    for sight in sights
                }
            else:
                may = {stamps.get(record) for stamps in expected}
            if has not in may:
                wrong.append(
                    (
                        record,
                        "is missing" if has is None else "is there, and should not be" if may == {None} else "is old",
                    )
                )
        return wrong
