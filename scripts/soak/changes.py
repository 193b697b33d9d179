"""The two writers: one changes records, the other what users may see."""

import asyncio
import contextlib
import time

from database import quoted
from setup import STAMPS, table
from world import new_key

LOSS = "RESET ROLE; DELETE FROM changefeed.event WHERE xid = pg_current_xact_id(); SET ROLE odoo"
STATES = ["draft", "sent", "sale", "cancel"]


class RecordWriter:
    """Changes a handful of records a second, one to three in a transaction."""

    MODELS = (
        ["sale.order"] * 11
        + ["res.partner"] * 4
        + ["product.template", "purchase.order", "purchase.order", "product.category"]
    )

    def __init__(self, world, session, random, pause):
        self.world, self.session, self.random, self.pause, self.number, self.own = world, session, random, pause, 0, {}
        self.loses = 0  # A planted fault: of so many changes one leaves no event.

    async def run(self, stop):
        while not stop.is_set():
            await self.step()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), self.random.uniform(0, 2 * self.pause))

    async def step(self):
        model = self.random.choice([model for model in self.MODELS if model in self.world.records])
        self.number += 1
        chance, own = self.random.random(), self.own.setdefault(model, [])
        may_go = model in ("sale.order", "purchase.order", "product.category")
        lost = self.loses and self.number % self.loses == 0
        extra = LOSS if lost else None
        if may_go and chance < 0.10:
            await self._create(model, own, extra)
        elif may_go and chance < 0.19 and own:
            record = own.pop(self.random.randrange(len(own)))
            await self.world.change_records(
                self.session, model, f"DELETE FROM {table(model)} WHERE id = {record}", [(record, None)], extra
            )
        else:
            await self._write(model, extra)

    def _values(self, model, row):
        """New values: always a new stamp, now and then one on which rules look."""
        number = self.number
        values = {STAMPS[model]: number + 1000 if STAMPS[model] == "list_price" else f"N{number}"}
        if "user_id" in row and self.random.random() < 0.25:
            values["user_id"] = self.random.choice([None, *self.world.setup.users])
        if "state" in row and self.random.random() < 0.2:
            values["state"] = self.random.choice(STATES if model == "sale.order" else ["draft", "sent", "purchase"])
        if model == "res.partner" and "company_id" in row and self.random.random() < 0.2:
            values["company_id"] = self.random.choice([None, *self.world.setup.companies])
        if "active" in row and self.random.random() < 0.15:
            values["active"] = not row["active"]
        return values

    async def _write(self, model, extra):
        rows = self.random.sample(self.world.records[model].newest(), self.random.choice([1, 1, 1, 2, 3]))
        values = self._values(model, rows[0])
        settings = ", ".join(f"{column} = {quoted(value)}" for column, value in values.items())
        ids = ", ".join(str(row["id"]) for row in rows)
        await self.world.change_records(
            self.session,
            model,
            f"UPDATE {table(model)} SET {settings}, write_date = now() AT TIME ZONE 'utc' WHERE id IN ({ids})",
            [(row["id"], {**row, **values}) for row in rows],
            extra,
        )

    async def _create(self, model, own, extra):
        [row] = self.random.sample(self.world.records[model].newest(), 1)
        values = {**self._values(model, row), "create_date": "now", "write_date": "now"}
        name = table(model)
        columns = self.world.setup.columns.get(name)
        given = {column: quoted(values[column]) if column in values else column for column in columns}

        def made(ids):
            own.append(ids[0])
            kept = {column: value for column, value in values.items() if column in row}
            return [(ids[0], {**row, **kept, "id": ids[0]})]

        await self.world.change_records(
            self.session,
            model,
            f"INSERT INTO {name} ({', '.join(given)}) SELECT {', '.join(given.values())} FROM {name} "
            f"WHERE id = {row['id']} RETURNING id",
            made,
            extra,
        )


class AccessWriter:
    """Changes what decides about access, about once a second. Each change is later undone, or followed by another."""

    # How often each comes; what touches many users is rare, since each of their devices takes lists anew.
    KINDS = {
        "group of a user": 24,
        "companies of a user": 16,
        "current company of a user": 6,
        "key revoked, new key": 16,
        "user archived": 5,
        "rule of a group on or off": 8,
        "domain of a rule": 9,
        "groups of a rule": 3,
        "right of a group": 7,
        "groups of a field": 3,
        "rule for everybody": 1,
    }

    def __init__(self, world, session, random):
        self.world, self.session, self.random = world, session, random
        self.archived = []  # (time when to bring back, user)
        self.spares_key = False  # A planted fault: keys are not revoked.

    async def run(self, stop):
        kinds, weights = list(self.KINDS), list(self.KINDS.values())
        due = list(kinds)  # Each once at the beginning, so that a short run has all.
        self.random.shuffle(due)
        while not stop.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), self.random.uniform(0.4, 1.6))
            if self.archived and self.archived[0][0] < time.monotonic():
                await self._bring_back()
                continue
            await self._change(due.pop() if due else self.random.choices(kinds, weights)[0])
        while self.archived:
            await self._bring_back()

    async def _bring_back(self):
        _, user = self.archived.pop(0)
        sql = f"UPDATE res_users SET active = true WHERE id = {user}"
        await self._commit("user active again", sql, self.world.access.newest.with_user(user, active=True))

    async def _change(self, kind):
        state, random = self.world.access.newest, self.random
        user = random.choice([user for user, values in state.users.items() if values.active])
        values = state.users[user]
        if kind == "group of a user":
            group = random.choice(self.world.setup.groups)
            sql = (
                f"DELETE FROM res_groups_users_rel WHERE gid = {group} AND uid = {user}"
                if group in values.groups
                else f"INSERT INTO res_groups_users_rel (gid, uid) VALUES ({group}, {user})"
            )
            return await self._commit(kind, sql, state.with_user(user, groups=values.groups ^ {group}))
        if kind in ("companies of a user", "current company of a user"):
            return await self._companies(kind, state, user, values)
        if kind == "key revoked, new key":
            return await self._key(kind, state, user, values)
        if kind == "user archived":
            self.archived.append((time.monotonic() + random.uniform(2.5, 5), user))
            sql = f"UPDATE res_users SET active = false WHERE id = {user}"
            return await self._commit(kind, sql, state.with_user(user, active=False))
        if kind == "right of a group":
            right = random.choice(self.world.setup.rights)
            new = state.rights[right]._replace(active=not state.rights[right].active)
            sql = f"UPDATE ir_model_access SET active = {quoted(new.active)} WHERE id = {right}"
            return await self._commit(kind, sql, state.changed(rights={**state.rights, right: new}))
        if kind == "groups of a field":
            group, field = random.choice(self.world.setup.groups), self.world.setup.field
            sql = (
                f"DELETE FROM ir_model_fields_group_rel WHERE field_id = {field} AND group_id = {group}"
                if group in state.field_groups
                else f"INSERT INTO ir_model_fields_group_rel (field_id, group_id) VALUES ({field}, {group})"
            )
            return await self._commit(kind, sql, state.changed(field_groups=state.field_groups ^ {group}))
        return await self._rule(kind, state)

    async def _commit(self, kind, sql, state, **others):
        await self.world.change_access(self.session, kind, sql, state, **others)

    async def _companies(self, kind, state, user, values):
        current, others = (
            values.companies[0],
            [company for company in self.world.setup.companies if company != values.companies[0]],
        )
        company = self.random.choice(others)
        if kind == "companies of a user":
            has = company in values.companies
            sql = (
                f"DELETE FROM res_company_users_rel WHERE cid = {company} AND user_id = {user}"
                if has
                else f"INSERT INTO res_company_users_rel (cid, user_id) VALUES ({company}, {user})"
            )
            companies = set(values.companies) ^ {company}
        else:
            sql = (
                f"INSERT INTO res_company_users_rel (cid, user_id) VALUES ({company}, {user}) ON CONFLICT DO NOTHING; "
                f"UPDATE res_users SET company_id = {company} WHERE id = {user}"
            )
            companies, current = set(values.companies) | {company}, company
        order = (current, *sorted(companies - {current}))
        await self._commit(kind, sql, state.with_user(user, companies=order))

    async def _key(self, kind, state, user, values):
        key, statement = new_key(user)
        [old] = values.keys
        sql = f"DELETE FROM res_users_apikeys WHERE user_id = {user} AND index = '{old[:8]}'; {statement}"
        if self.spares_key:
            sql = statement
        await self._commit(kind, sql, state.with_user(user, keys=frozenset({key})), handed=(user, key))

    async def _rule(self, kind, state):
        rules = self.world.setup.rules
        rule = self.random.choice(self.world.setup.common if kind == "rule for everybody" else rules)
        old = state.rules[rule]
        if kind == "rule of a group on or off":
            new = old._replace(active=not old.active)
            sql = f"UPDATE ir_rule SET active = {quoted(new.active)} WHERE id = {rule}"
        elif kind == "groups of a rule":
            # One at least: without any it would be everybody's.
            free = [group for group in self.world.setup.groups if group not in old.groups]
            taken = sorted(old.groups)[0] if len(old.groups) > 1 and self.random.random() < 0.6 else None
            group = taken or self.random.choice(free)
            new = old._replace(groups=old.groups ^ {group})
            sql = (
                f"DELETE FROM rule_group_rel WHERE rule_group_id = {rule} AND group_id = {group}"
                if taken
                else f"INSERT INTO rule_group_rel (rule_group_id, group_id) VALUES ({rule}, {group})"
            )
        else:
            pool = (
                ["[(1,'=',1)]", "[('id','>',0)]", "[('id','!=',1)]"]
                if not old.groups
                else self.world.setup.pools[old.model]
            )
            new = old._replace(domain=self.random.choice([text for text in pool if text != old.domain]))
            sql = f"UPDATE ir_rule SET domain_force = {quoted(new.domain)} WHERE id = {rule}"
        await self._commit(kind, sql, state.changed(rules={**state.rules, rule: new}))
