"""Makes the database of a soak: users with different sight, groups with rules and rights, records for all of them.

It starts from Tests/Fixtures/odoo.sql or a dump of Odoo 18, and copies rows that are there, so that both will do."""

import gzip
import subprocess
from pathlib import Path

from database import Session, SQLError, psql, quoted

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "soak"
# The column by whose value a version of a record is known.
STAMPS = {
    "res.partner": "name",
    "sale.order": "name",
    "purchase.order": "name",
    "product.category": "name",
    "product.template": "list_price",
}
# Domains that a rule may get. {low} and {high} are ids that divide the model's records.
POOLS = {
    "res.partner": [
        "[('company_id','in',company_ids)]",
        "['|',('company_id','=',False),('company_id','in',company_ids)]",
        "[('company_id','=',company_id)]",
        "['!',('company_id','=',False)]",
        "[('active','=',True)]",
        "[(1,'=',1)]",
    ],
    "sale.order": [
        "[('user_id','=',user.id)]",
        "['|',('user_id','=',user.id),('user_id','=',False)]",
        "[('user_id','in',[user.id, False]),('state','!=','cancel')]",
        "[('state','=','draft')]",
        "[('user_id','!=',user.id)]",
        "['&',('id','>',{low}),('user_id','=',user.id)]",
    ],
    "purchase.order": ["[('state','!=','draft')]", "[('state','in',('draft','sent'))]", "[(1,'=',1)]"],
    "product.template": ["[('active','=',True)]", "[('id','<=',{high})]", "[(1,'=',1)]"],
    "product.category": ["[('id','<=',{high})]", "['!',('id','<=',{low})]", "[(1,'=',1)]"],
}
APP_TYPES = {
    "soak_sales": ["sale.order", "res.partner"],
    "soak_buying": ["purchase.order", "product.category"],
    "soak_stock": ["product.template", "product.category"],
    "soak_own": ["sale.order"],
    "soak_all": list(STAMPS),
}
FIELD = ("res.partner", "x_soak")  # A custom field whose groups change.
FIXTURE_BASES, DUMP_BASES = (
    ["sales", "sales", "sales", "admin", "portal"],
    ["sales_own", "demo", "sales_mgr", "multi_mgr", "portal_cust"],
)
RECORDS = {"res.partner": 80, "purchase.order": 40, "product.template": 40, "product.category": 25}


def table(model):
    return model.replace(".", "_")


def restore(cluster, dump):
    """An Odoo's database without the feed."""
    psql(cluster.conninfo("postgres"), "-c", "CREATE ROLE odoo LOGIN", "-c", f"CREATE DATABASE {DATABASE} OWNER odoo")
    conninfo = cluster.conninfo(DATABASE)
    if dump is None:
        psql(conninfo, "-f", str(ROOT / "Tests/Fixtures/odoo.sql"))
    else:
        content = gzip.decompress(Path(dump).read_bytes()) if dump.endswith(".gz") else Path(dump).read_bytes()
        psql(cluster.conninfo(DATABASE, "odoo"), text=content.decode())


class Setup:
    """Copies users and records. `users` and `soak_groups` are the ids that it made, `keys` is left to the world."""

    def __init__(self, session, random, users, dump):
        self.session, self.random, self.wanted, self.is_dump = session, random, users, dump is not None
        self.columns, self.users, self.groups, self.rules, self.rights = {}, [], [], [], []

    async def copy(self, relation, base, **values):
        """A copy of a row with other values; its id."""
        if relation not in self.columns:
            self.columns[relation] = await self.session.run(
                "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attgenerated = '' "
                f"AND attname <> 'id' AND attrelid = '{relation}'::regclass"
            )
        given = {
            column: quoted(values.get(column)) if column in values else column for column in self.columns[relation]
        }
        ids = await self.session.numbers(
            f"INSERT INTO {relation} ({', '.join(given)}) SELECT {', '.join(given.values())} FROM {relation} "
            f"WHERE id = {base} RETURNING id"
        )
        return ids[0]

    async def run(self):
        await self.session.run("BEGIN")
        await self._field()
        await self._groups_and_rights()
        await self._users()
        await self._records()
        await self._rules()
        await self.session.run("COMMIT")
        return self

    async def _field(self):
        model, name = FIELD
        await self.session.run(f"ALTER TABLE {table(model)} ADD COLUMN {name} varchar")
        await self.session.run(f"UPDATE {table(model)} SET {name} = 'secret'")
        [like] = await self.session.numbers(
            f"SELECT id FROM ir_model_fields WHERE model = '{model}' AND name = 'phone'"
        )
        manual = (
            {"state": "manual"}
            if await self.session.run(
                "SELECT 1 FROM pg_attribute WHERE attrelid = 'ir_model_fields'::regclass AND attname = 'state'"
            )
            else {}
        )
        self.field = await self.copy("ir_model_fields", like, name=name, **manual)

    async def _groups_and_rights(self):
        for number in range(max(5, self.wanted // 6)):
            self.groups += await self.session.numbers(
                f'INSERT INTO res_groups (name) VALUES (\'{{"en_US": "Soak {number}"}}\') RETURNING id'
            )
        self.nobodys = (
            await self.session.numbers('INSERT INTO res_groups (name) VALUES (\'{"en_US": "Nobody"}\') RETURNING id')
        )[0]
        # With one group at least the field is never open to all.
        for group in [self.nobodys, *self.groups[::2]]:
            await self.session.run(
                f"INSERT INTO ir_model_fields_group_rel (field_id, group_id) VALUES ({self.field}, {group})"
            )
        [model] = await self.session.numbers("SELECT id FROM ir_model WHERE model = 'purchase.order'")
        await self.session.run(f"UPDATE ir_model_access SET active = false WHERE model_id = {model}")
        for group in self.groups:
            self.rights += await self._right(model, group)
        if not self.is_dump:  # The fixture's portal user may read nothing.
            for readable in ("sale.order", "res.partner", "product.template"):
                [model] = await self.session.numbers(f"SELECT id FROM ir_model WHERE model = '{readable}'")
                for group in self.groups:
                    await self._right(model, group)

    async def _right(self, model, group):
        return await self.session.numbers(
            "INSERT INTO ir_model_access "
            "(name, model_id, group_id, active, perm_read, perm_write, perm_create, perm_unlink) "
            f"VALUES ('soak', {model}, {group}, true, true, false, false, false) RETURNING id"
        )

    async def _users(self):
        if not self.is_dump:
            await self.session.run("INSERT INTO res_company (name) VALUES ('Third Company')")
            # Users without a partner have no name.
            await self.session.run("UPDATE res_users SET partner_id = (SELECT min(id) FROM res_partner)")
        self.companies = await self.session.numbers("SELECT id FROM res_company ORDER BY id")
        for number in range(self.wanted):
            bases = DUMP_BASES if self.is_dump else FIXTURE_BASES
            base, company = bases[number % len(bases)], self.random.choice(self.companies)
            [base] = await self.session.numbers(f"SELECT id FROM res_users WHERE login = '{base}'")
            partner = {} if self.is_dump else {"partner_id": await self._partner(number)}
            user = await self.copy("res_users", base, login=f"soak{number}", company_id=company, active=True, **partner)
            self.users.append(user)
            companies = {company, *(self.random.sample(self.companies, self.random.randint(0, 2)))}
            for each in companies:
                await self.session.run(f"INSERT INTO res_company_users_rel (cid, user_id) VALUES ({each}, {user})")
            await self.session.run(
                f"INSERT INTO res_groups_users_rel (gid, uid) "
                f"SELECT gid, {user} FROM res_groups_users_rel WHERE uid = {base}"
            )
            await self.session.run(
                f"INSERT INTO res_groups_users_rel (gid, uid) VALUES ({self.groups[number % len(self.groups)]}, {user})"
            )

    async def _partner(self, number):
        """The fixture's users have none, and so no name."""
        [base] = await self.session.numbers("SELECT min(id) FROM res_partner")
        return await self.copy("res_partner", base, name=f"Soak user {number}", company_id=None)

    async def _records(self):
        if not self.is_dump:  # The fixture has none.
            await self.session.run("INSERT INTO purchase_order (name, partner_id) VALUES ('P1', 1)")
        for model, count in RECORDS.items():
            [base] = await self.session.numbers(f"SELECT min(id) FROM {table(model)}")
            for number in range(count):
                values = {STAMPS[model]: number + 1 if model == "product.template" else f"Soak {number}"}
                if model == "res.partner":
                    values["company_id"] = self.random.choice([None, *self.companies])
                await self.copy(table(model), base, **values)
        [base] = await self.session.numbers("SELECT min(id) FROM sale_order")
        for user in self.users:
            for number in range(6):
                await self.copy("sale_order", base, name=f"Soak {user}.{number}", user_id=user)
        await self.session.run("UPDATE product_template SET list_price = 0 WHERE list_price IS NULL")
        await self.session.run("UPDATE sale_order SET name = 'S' WHERE name IS NULL")

    async def _rules(self):
        """Each group has a rule of two models, everybody one of two. All domains stand there while the feed is
        installed, so that it may read the columns that they name, and keeps them."""
        self.pools = {}
        for model, pool in POOLS.items():
            ids = await self.session.numbers(f"SELECT id FROM {table(model)} ORDER BY id")
            self.pools[model] = [text.format(low=ids[len(ids) // 4], high=ids[len(ids) // 2]) for text in pool]
        for number, group in enumerate(self.groups):
            for model in ("sale.order", list(POOLS)[number % len(POOLS)]):
                self.rules.append(await self._rule(model, self.random.choice(self.pools[model]), group))
        self.common = [await self._rule(model, "[(1,'=',1)]", None) for model in ("sale.order", "res.partner")]
        self.passing = [
            await self._rule(model, text, self.nobodys) for model, pool in self.pools.items() for text in pool
        ]

    async def _rule(self, model, domain, group):
        [rule] = await self.session.numbers(
            "INSERT INTO ir_rule "
            "(name, model_id, domain_force, active, perm_read, perm_write, perm_create, perm_unlink, global) "
            f"SELECT 'soak', id, {quoted(domain)}, true, true, false, false, false, {quoted(group is None)} "
            "FROM ir_model "
            f"WHERE model = '{model}' RETURNING id"
        )
        if group is not None:
            await self.session.run(f"INSERT INTO rule_group_rel (rule_group_id, group_id) VALUES ({rule}, {group})")
        return rule


async def make(cluster, changefeed, random, users, dump):
    """The database with the feed; what was made in it."""
    restore(cluster, dump)
    conninfo = cluster.conninfo(DATABASE)
    session = await Session.open(conninfo)
    try:
        # As odoo: new tables' owners and rights stay as Odoo has them.
        await session.run("SET ROLE odoo")
        setup = await Setup(session, random, users, dump).run()
        await session.run("RESET ROLE")
        installed = subprocess.run([changefeed, "install", "--database", conninfo], capture_output=True, text=True)
        if installed.returncode != 0:
            raise SystemExit(
                f"changefeed install ended with {installed.returncode}:\n{installed.stdout}{installed.stderr}"
            )
        await session.run("CREATE ROLE changefeed_login LOGIN IN ROLE changefeed_service")
        for name, models in APP_TYPES.items():
            array = ", ".join(quoted(model) for model in models)
            await session.run(f"INSERT INTO changefeed.app_type (name, models) VALUES ('{name}', ARRAY[{array}])")
        # Those that were there for the installation alone.
        await session.run(f"DELETE FROM ir_rule WHERE id IN ({', '.join(str(rule) for rule in setup.passing)})")
        await session.run("ANALYZE")
    except SQLError as error:
        raise SystemExit(f"the database could not be made: {error}") from error
    finally:
        await session.close()
    return setup
