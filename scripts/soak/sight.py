"""What each user should see at each moment, by construction: the soak is the only one who writes to the database.

Every change is noted with the time before its COMMIT was sent and the time when it was confirmed. Whatever was asked in
between may show either side of it. Times are seconds of time.monotonic()."""

import collections
import math
import typing

from domains import Domain


class User(typing.NamedTuple):
    groups: frozenset
    companies: tuple  # The current one first.
    active: bool
    keys: frozenset
    partner: int | None
    commercial: int | None


class Rule(typing.NamedTuple):
    model: str
    domain: str
    active: bool
    groups: frozenset  # Empty: everybody's.


class Right(typing.NamedTuple):
    model: str
    group: int | None
    active: bool


class Access:
    """One state of what decides about access; never changed once made."""

    def __init__(self, users, rules, rights, field_groups, implied):
        self.users, self.rules, self.rights = users, rules, rights
        self.field_groups, self.implied = field_groups, implied
        self.sights = {}

    def changed(self, **parts):
        return Access(
            **{
                "users": self.users,
                "rules": self.rules,
                "rights": self.rights,
                "field_groups": self.field_groups,
                "implied": self.implied,
                **parts,
            }
        )

    def with_user(self, user, **values):
        return self.changed(users={**self.users, user: self.users[user]._replace(**values)})

    def groups(self, user):
        """With those that they imply."""
        found, left = set(), list(self.users[user].groups)
        while left:
            group = left.pop()
            if group not in found:
                found.add(group)
                left += self.implied.get(group, ())
        return found

    def admits(self, user, key):
        return self.users[user].active and key in self.users[user].keys

    def shows_field(self, user):
        """Whether the user is given the field with groups."""
        return bool(self.field_groups & self.groups(user))

    def sight(self, user, model):
        """What decides which records of a model a user sees, equal for equal sights; None: none at all."""
        if (user, model) not in self.sights:
            self.sights[user, model] = self._sight(user, model)
        return self.sights[user, model]

    def _sight(self, user, model):
        groups = self.groups(user)
        if not any(
            right.model == model and right.active and (right.group is None or right.group in groups)
            for right in self.rights.values()
        ):
            return None
        rules = [rule for rule in self.rules.values() if rule.model == model and rule.active]
        of_all = tuple(sorted(rule.domain for rule in rules if not rule.groups))
        of_groups = tuple(sorted(rule.domain for rule in rules if rule.groups & groups))
        return user, model, self.users[user].companies, of_all, of_groups


class History:
    """The values that something has had, each with the time from which it may be seen."""

    def __init__(self, value):
        # [may be seen from, is seen by all who ask from, value]
        self.entries = [[-math.inf, -math.inf, value]]

    @property
    def newest(self):
        return self.entries[-1][2]

    def begin(self, value, now):
        self.entries.append([now, math.inf, value])

    def confirm(self, now):
        self.entries[-1][1] = now

    def take_back(self):
        self.entries.pop()

    def within(self, start, end):
        """The values that whoever asks between two times may be shown; the newest last."""
        values = []
        for begin, confirmed, value in reversed(self.entries):
            if begin <= end:
                values.append(value)
            if confirmed < start:
                break  # What was there before it was over by then.
        values.reverse()
        return values

    def forget(self, before):
        while len(self.entries) > 1 and self.entries[1][1] < before:
            self.entries.pop(0)


class Records:
    """The records of one model: their versions, and those that each sight shows now."""

    KEPT = 60.0  # seconds that a sight is kept after it was asked for

    def __init__(self, model, stamp, rows, relations):
        self.model, self.stamp, self.relations = model, stamp, relations
        self.history = {row["id"]: History(row) for row in rows}
        self.shown, self.tests, self.asked, self.changing = {}, {}, {}, collections.OrderedDict()

    def begin(self, record, row, now):
        """A record gets another version; row None: it goes."""
        if record in self.history:
            self.history[record].begin(row, now)
        else:
            self.history[record] = History(None)
            self.history[record].begin(row, now)
        self.changing[record] = math.inf
        self.changing.move_to_end(record)
        for sight, stamps in self.shown.items():
            if row is not None and self.passes(sight, row):
                stamps[record] = row[self.stamp]
            else:
                stamps.pop(record, None)

    def confirm(self, record, now):
        self.history[record].confirm(now)
        self.changing[record] = now

    def newest(self):
        return [history.newest for history in self.history.values() if history.newest is not None]

    def unsettled(self, start):
        """Records that changed since a time, or whose change is not confirmed."""
        return {record for record, confirmed in self.changing.items() if confirmed >= start}

    def passes(self, sight, row):
        if sight is None:
            return False
        if sight not in self.tests:
            self.tests[sight] = self._test(sight)
        of_all, of_groups = self.tests[sight]
        return all(test(row) for test in of_all) and (not of_groups or any(test(row) for test in of_groups))

    def _test(self, sight):
        _, _, companies, of_all, of_groups = sight
        user = self.relations.users[sight[0]]
        names = {
            "user.id": sight[0],
            "user.partner_id.id": user.partner,
            "user.commercial_partner_id.id": user.commercial,
            "company_id": companies[0],
            "company_ids": list(companies),
        }
        return tuple(
            [Domain(text, self.model).bind(names, self.relations) for text in texts] for texts in (of_all, of_groups)
        )

    def stamps(self, sight, now):
        """The stamp of each record that a sight shows by the newest versions."""
        if sight is None:
            return {}
        if sight not in self.shown:
            self.shown[sight] = {row["id"]: row[self.stamp] for row in self.newest() if self.passes(sight, row)}
        self.asked[sight] = now
        return self.shown[sight]

    def forget(self, now, before):
        """Drops what no answer can show any more."""
        for sight in [sight for sight, asked in self.asked.items() if asked < now - self.KEPT]:
            del self.asked[sight], self.shown[sight]
            self.tests.pop(sight, None)
        for record in [record for record, confirmed in self.changing.items() if confirmed < before]:
            del self.changing[record]
            self.history[record].forget(before)
            if self.history[record].newest is None and len(self.history[record].entries) == 1:
                del self.history[record]
