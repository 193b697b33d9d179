"""What stands in the soak's database, as far as it decides what users see, now and a while ago."""

import base64
import collections
import hashlib
import json
import secrets
import time

from database import quoted
from domains import Domain, NotUnderstood, Relations
from setup import STAMPS, table
from sight import Access, History, Records, Right, Rule, User

KEPT = 150.0  # seconds for which it is known what was so


def hash_of(key):
    """A key as Odoo stores it: passlib's pbkdf2_sha512."""
    salt = secrets.token_bytes(16)
    checksum = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, 6000)
    # passlib's base64: a full stop for the plus sign, no padding.
    salt, checksum = (base64.b64encode(part, b"./").rstrip(b"=").decode() for part in (salt, checksum))
    return f"$pbkdf2-sha512$6000${salt}${checksum}"


def new_key(user):
    """A key and the statement that stores it."""
    key = secrets.token_hex(20)
    return key, (
        f"INSERT INTO res_users_apikeys (name, user_id, scope, index, key) VALUES ('soak', {user}, 'rpc', '{key[:8]}', "
        f"'{hash_of(key)}')"
    )


class World:
    def __init__(self, setup, journal):
        self.setup, self.journal, self.models = setup, journal, list(STAMPS)
        self.left_out, self.handed = {}, {}
        self.last_change = self.access_changes = self.record_changes = 0
        self.by_kind = collections.Counter()

    async def load(self, session):
        """Reads everything and gives each user a key."""
        users = {}
        for row in await session.rows(
            "SELECT u.id, u.active, u.company_id, u.partner_id, "
            "coalesce((to_jsonb(p) ->> 'commercial_partner_id')::int, p.id) AS commercial, "
            "ARRAY(SELECT cid FROM res_company_users_rel WHERE user_id = u.id) AS companies, "
            "ARRAY(SELECT gid FROM res_groups_users_rel WHERE uid = u.id) AS groups "
            "FROM res_users u LEFT JOIN res_partner p ON p.id = u.partner_id"
        ):
            if row["id"] in self.setup.users:
                key, statement = new_key(row["id"])
                await session.run(statement)
                self.handed[row["id"]] = key
                users[row["id"]] = User(
                    frozenset(row["groups"]),
                    ordered(row["company_id"], row["companies"]),
                    row["active"],
                    frozenset({key}),
                    row["partner_id"],
                    row["commercial"],
                )
        self.access = History(Access(users, *await self._decisions(session)))
        self.relations = await self._relations(session)
        self.relations.users = users
        await self._records(session)

    async def _decisions(self, session):
        rules = {
            row["id"]: Rule(row["model"], row["domain_force"] or "[]", row["active"], frozenset(row["groups"]))
            for row in await session.rows(
                "SELECT r.id, m.model, r.domain_force, r.active, "
                "ARRAY(SELECT group_id FROM rule_group_rel WHERE rule_group_id = r.id) AS groups "
                "FROM ir_rule r JOIN ir_model m ON m.id = r.model_id "
                f"WHERE r.perm_read AND m.model IN ({self._names()})"
            )
        }
        rights = {
            row["id"]: Right(row["model"], row["group_id"], row["active"])
            for row in await session.rows(
                "SELECT a.id, m.model, a.group_id, a.active "
                "FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id "
                f"WHERE a.perm_read AND m.model IN ({self._names()})"
            )
        }
        field_groups = await session.numbers(
            f"SELECT group_id FROM ir_model_fields_group_rel WHERE field_id = {self.setup.field}"
        )
        implied = {}
        for row in await session.rows("SELECT gid, hid FROM res_groups_implied_rel"):
            implied.setdefault(row["gid"], []).append(row["hid"])
        return rules, rights, frozenset(field_groups), implied

    def _names(self):
        return ", ".join(quoted(model) for model in STAMPS)

    @staticmethod
    async def _relations(session):
        parents = {
            name: {row["id"]: row["parent_id"] for row in await session.rows(f"SELECT id, parent_id FROM {name}")}
            for name in ("res_partner", "res_company")
        }
        followers = {}
        for row in await session.rows(
            "SELECT res_model, res_id, partner_id FROM mail_followers WHERE res_id IS NOT NULL"
        ):
            followers.setdefault((row["res_model"], row["res_id"]), []).append(row["partner_id"])
        return Relations(parents, followers)

    async def _records(self, session):
        self.records = {}
        for model, stamp in STAMPS.items():
            columns = {"id", stamp}
            texts = [rule.domain for rule in self.access.newest.rules.values() if rule.model == model and rule.active]
            try:
                for text in [*texts, *self.setup.pools[model]]:
                    columns |= Domain(text, model).columns
            except NotUnderstood as error:
                self.left_out[model] = str(error)
                self.models.remove(model)
                continue
            rows = await session.rows(f"SELECT {', '.join(sorted(columns))} FROM {table(model)}")
            self.records[model] = Records(model, stamp, rows, self.relations)

    # Changes, one at a time each.

    async def change_access(self, session, kind, sql, state, handed=None, commit="COMMIT"):
        """Commits a change of access. handed: (user, key) that devices may use from then on."""
        await session.run("BEGIN")
        await session.run(sql)
        begun = time.monotonic()
        self.access.begin(state, begun)
        await session.run(commit)
        done = time.monotonic()
        self.access.confirm(done)
        self.note(kind, sql, begun, done)
        self.access_changes += 1
        self.by_kind[kind] += 1
        if handed:
            self.handed[handed[0]] = handed[1]

    async def change_records(self, session, model, statement, rows, extra=None):
        """Commits a change of records. rows: (id, row or None) of what is there afterwards, or a function of the ids
        that the statement returned."""
        await session.run("BEGIN")
        ids = await session.numbers(statement)
        if extra:
            await session.run(extra)
        rows = rows(ids) if callable(rows) else rows
        begun = time.monotonic()
        for record, row in rows:
            self.records[model].begin(record, row, begun)
        await session.run("COMMIT")
        done = time.monotonic()
        for record, _ in rows:
            self.records[model].confirm(record, done)
        self.note(model, statement, begun, done)
        self.record_changes += 1

    def note(self, kind, sql, begun, done):
        self.last_change = done
        print(
            json.dumps({"kind": kind, "sql": sql, "before": round(begun, 6), "after": round(done, 6)}),
            file=self.journal,
        )

    def forget(self):
        now = time.monotonic()
        self.access.forget(now - KEPT)
        for records in self.records.values():
            records.forget(now, now - KEPT)

    async def drift(self, session):
        """What the database shows otherwise than this object says: must be nothing, or the checks mean nothing."""
        wrong = []
        state = self.access.newest
        for now, known in zip(
            await self._decisions(session), (state.rules, state.rights, state.field_groups, state.implied)
        ):
            if now != known:
                wrong.append(f"{now} is not {known}")
        for row in await session.rows(
            "SELECT u.id, u.active, u.company_id, "
            "ARRAY(SELECT cid FROM res_company_users_rel WHERE user_id = u.id) AS companies, "
            "ARRAY(SELECT gid FROM res_groups_users_rel WHERE uid = u.id) AS groups FROM res_users u"
        ):
            user = state.users.get(row["id"])
            if (
                user
                and (frozenset(row["groups"]), ordered(row["company_id"], row["companies"]), row["active"]) != user[:3]
            ):
                wrong.append(f"user {row} is not {user}")
        for model, records in self.records.items():
            known = {row["id"]: row for row in records.newest()}
            columns = ", ".join(sorted(next(iter(known.values()))))
            for row in await session.rows(f"SELECT {columns} FROM {table(model)}"):
                if known.pop(row["id"], None) != row:
                    wrong.append(f"{model} {row} is not as known")
            wrong += [f"{model} {record} is not there" for record in known]
        return wrong


def ordered(current, companies):
    """The current company first."""
    return (current, *sorted(company for company in companies if company != current))
