"""What the live test's stand-in answers to Odoo's methods: search, read, create, write, unlink, and some of orders and users."""

from stub_database import SQLError
from stub_models import MODELS, User, literal, sql_boolean

NOW = "date_trunc('microseconds', clock_timestamp() AT TIME ZONE 'utc')"
# Of a user, but in no column of the user's own.
OF_USER = ("name", "email", "lang", "password")


class OdooError(Exception):
    """An error by its name in Odoo."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


def access_error(what):
    return OdooError("odoo.exceptions.AccessError", f"you may not {what}")


class ORM:
    """The methods of Odoo's models for one user in one call, within one transaction."""

    def __init__(self, database, user_id, context, passwords):
        self.database, self.passwords = database, passwords
        row = database.rows(f"""
            SELECT u.id, u.partner_id AS partner, u.company_id AS company, p.lang,
                   ARRAY(SELECT gid FROM res_groups_users_rel WHERE uid = u.id) AS groups,
                   ARRAY(SELECT cid FROM res_company_users_rel WHERE user_id = u.id ORDER BY cid) AS companies
            FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = {int(user_id)} AND u.active""")
        if not row:
            raise OdooError("odoo.exceptions.AccessDenied", "no such user")
        self.row, self.user = row[0], User(row[0], context)

    def call(self, model, method, arguments, keywords):
        if model not in MODELS:
            raise OdooError("builtins.KeyError", model)
        known = {"search", "search_read", "read", "fields_get", "context_get", "create", "write", "unlink", "action_confirm", "action_cancel"}
        if method not in known:
            raise OdooError("builtins.AttributeError", f"{model}.{method}")
        try:
            return getattr(self, method)(model, *arguments, **keywords)
        except SQLError as error:
            # As Odoo does with what constraints say no to.
            kind = "odoo.exceptions.ValidationError" if "constraint" in str(error) else "psycopg2.Error"
            raise OdooError(kind, str(error).splitlines()[0]) from None

    # Reading

    def search(self, model, domain, limit=None, order="id"):
        self._check_read(model)
        conditions = [self.user.shown(model), *(self._condition(model, *term) for term in domain)]
        if self.user.hides_archived and "active" in MODELS[model].columns and not any(term[0] == "active" for term in domain):
            conditions.append("t.active")
        direction = "DESC" if order == "id desc" else "ASC"
        limited = f" LIMIT {int(limit)}" if limit else ""
        return self.database.ids(f"SELECT t.id FROM {MODELS[model].table} t WHERE {' AND '.join(conditions)} ORDER BY t.id {direction}{limited}")

    def search_read(self, model, domain, fields):
        return self.read(model, self.search(model, domain), fields)

    def read(self, model, ids, fields):
        self._check_read(model)
        self._check_shown(model, ids, "read")
        return self.database.rows(f"""
            SELECT t.id, {', '.join(f'{self._value(model, field, "t")} AS "{field}"' for field in fields if field != 'id')}
            FROM {MODELS[model].table} t WHERE t.id = ANY ({array(ids)}) ORDER BY t.id""")

    def _value(self, model, field, row):
        definition = MODELS[model]
        if field in definition.relations:
            return self._list(definition.relations[field], row)
        kind = definition.columns.get(field)
        if kind is None and definition.carried:
            parent, column = definition.carried
            return f"(SELECT {self._value(parent, field, 'carried')} FROM {MODELS[parent].table} carried WHERE carried.id = {row}.{column})"
        column = f"{row}.{field}"
        if kind == "translated":
            text = self.user.translated(column)
            return f"CASE WHEN {text} IS NULL THEN 'false'::json ELSE to_json({text}) END"
        if kind == "float":
            return f"to_json(coalesce({column}, 0))"
        if kind == "by company":
            return f"to_json(coalesce(({column} ->> '{self.user.company}')::numeric, 0))"
        if kind == "boolean":
            return f"to_json(coalesce({column}, false))"
        if kind == "datetime":
            return f"coalesce(to_json(to_char({column}, 'YYYY-MM-DD HH24:MI:SS')), 'false')"
        if kind in ("char", "integer"):
            return f"coalesce(to_json({column}), 'false')"
        if kind is None:
            raise OdooError("builtins.ValueError", f"Invalid field {field!r} on model {model!r}")
        other = MODELS[kind]
        pair = f"SELECT json_build_array(shown.id, {self.user.name(kind, 'shown')}) FROM {other.table} shown WHERE shown.id = {column}"
        return f"coalesce(({pair}), 'false')"

    def _list(self, relation, row):
        model = relation[3] if len(relation) == 4 else relation[0]
        conditions = [self.user.shown(model, "member")]
        if self.user.hides_archived and "active" in MODELS[model].columns:
            conditions.append("member.active")
        if len(relation) == 4:
            table, own, other, _ = relation
            conditions.append(f"member.id IN (SELECT pair.{other} FROM {table} pair WHERE pair.{own} = {row}.id)")
        else:
            conditions.append(f"member.{relation[1]} = {row}.id")
        return f"to_json(ARRAY(SELECT member.id FROM {MODELS[model].table} member WHERE {' AND '.join(conditions)} ORDER BY member.id))"

    def _condition(self, model, field, operator, value):
        definition = MODELS[model]
        if (model, field, operator, value) == ("res.partner", "user_ids", "=", False):
            return "NOT EXISTS (SELECT FROM res_users u WHERE u.partner_id = t.id)"
        if field not in definition.columns and field != "id":
            parent, column = definition.carried
            return f"t.{column} IN (SELECT t.id FROM {MODELS[parent].table} t WHERE {self._condition(parent, field, operator, value)})"
        if operator in ("in", "not in"):
            listed = ", ".join(literal(member) for member in value) or "NULL"
            return f"t.{field} {operator} ({listed})"
        if operator not in ("=", "!="):
            raise OdooError("builtins.ValueError", f"Invalid operator {operator!r}")
        return f"t.{field} IS {'' if operator == '!=' else 'NOT '}DISTINCT FROM {literal(value)}"

    def fields_get(self, model, *_, attributes=None):
        self._check_read(model)
        names = [*MODELS[model].columns, *MODELS[model].relations]
        if MODELS[model].carried:
            names += MODELS[MODELS[model].carried[0]].columns
        return {name: {"type": "char", "store": True} for name in ["id", *names]}

    def context_get(self, model):
        return {"lang": self.row["lang"], "tz": False, "uid": self.user.id}

    # Writing

    def create(self, model, values):
        self._check_write(model)
        if model == "res.users":
            return self._create_user(values)
        values = dict(values)
        if model == "product.template":
            values.setdefault("categ_id", 1)
        if model == "sale.order":
            values.setdefault("name", f"S{self.database.ids('SELECT coalesce(max(id), 0) + 1 FROM sale_order')[0]:05}")
        columns, lists = self._split(model, values, is_new=True)
        sets = {**columns, "create_date": NOW, "write_date": NOW}
        record = self.database.ids(f"INSERT INTO {MODELS[model].table} ({', '.join(sets)}) VALUES ({', '.join(sets.values())}) RETURNING id")[0]
        if model == "product.template":
            self.database.run(f"INSERT INTO product_product (product_tmpl_id, create_date, write_date) VALUES ({record}, {NOW}, {NOW})")
        self._command_all(model, [record], lists)
        self._check_shown(model, [record], "create")
        return record

    def write(self, model, ids, values):
        self._check_write(model)
        self._check_shown(model, ids, "write")
        columns, lists = self._split(model, values)
        if model == "res.users" and "lang" in values:
            self._set("res_partner", f"SELECT partner_id FROM res_users WHERE id = ANY ({array(ids)})", {"lang": literal(values["lang"])})
        if "write_date" in MODELS[model].columns:
            columns["write_date"] = NOW
        if columns:
            self._set(MODELS[model].table, f"SELECT unnest({array(ids)})", columns)
        if model == "product.template":
            # From Odoo 17 on a variant's write_date is computed from its template's.
            self._set("product_product", f"SELECT id FROM product_product WHERE product_tmpl_id = ANY ({array(ids)})", {"write_date": NOW})
        self._command_all(model, ids, lists)
        if model == "res.users":
            wrong = "NOT EXISTS (SELECT FROM res_company_users_rel r WHERE r.user_id = u.id AND r.cid = u.company_id)"
            if self.database.ids(f"SELECT id FROM res_users u WHERE {wrong} AND id = ANY ({array(ids)})"):
                raise OdooError("odoo.exceptions.ValidationError", "the company is not one of the user's")
        self._check_shown(model, ids, "write")
        return True

    def unlink(self, model, ids):
        self._check_write(model)
        self._check_shown(model, ids, "unlink")
        confirmed = f"SELECT id FROM sale_order WHERE state NOT IN ('draft', 'cancel') AND id = ANY ({array(ids)})"
        if model == "sale.order" and self.database.ids(confirmed):
            raise OdooError("odoo.exceptions.UserError", "a confirmed order cannot be deleted")
        templates = []
        if model == "product.product":
            templates = self.database.ids(f"SELECT DISTINCT product_tmpl_id FROM product_product WHERE id = ANY ({array(ids)})")
        self.database.run(f"DELETE FROM {MODELS[model].table} WHERE id = ANY ({array(ids)})")
        # A template goes with its last variant.
        self.database.run(f"""DELETE FROM product_template t WHERE id = ANY ({array(templates)})
                              AND NOT EXISTS (SELECT FROM product_product p WHERE p.product_tmpl_id = t.id)""")
        return True

    def action_confirm(self, model, ids):
        return self.write(model, ids, {"state": "sale"})

    def action_cancel(self, model, ids):
        return self.write(model, ids, {"state": "cancel"})

    def _split(self, model, values, is_new=False):
        """SQL of columns, and commands of lists."""
        definition, columns, lists = MODELS[model], {}, {}
        for field, value in values.items():
            kind = definition.columns.get(field)
            if field in definition.relations:
                lists[field] = value
            elif kind == "translated":
                new = f"jsonb_build_object({literal(self.user.lang)}::text, {literal(value)}::text)"
                columns[field] = f"coalesce({'NULL' if is_new else field}, jsonb_build_object('en_US', {literal(value)}::text)) || {new}"
            elif kind == "by company":
                new = f"jsonb_build_object('{self.user.company}', {literal(value)})"
                columns[field] = f"coalesce({'NULL' if is_new else field}, '{{}}'::jsonb) || {new}"
            elif kind == "boolean":
                columns[field] = sql_boolean(value)
            elif kind:
                columns[field] = literal(value)
            elif not (model == "res.users" and field in OF_USER):
                raise OdooError("builtins.ValueError", f"Invalid field {field!r} on model {model!r}")
        return columns, lists

    def _set(self, table, ids, columns):
        self.database.run(f"UPDATE {table} SET {', '.join(f'{name} = {sql}' for name, sql in columns.items())} WHERE id IN ({ids})")

    def _command_all(self, model, ids, lists):
        for field, commands in lists.items():
            for record in ids:
                for command in commands:
                    self._command(MODELS[model].relations[field], record, *command)

    def _command(self, relation, record, command, other, values=None):
        """Odoo's commands: 0 create, 3 take out, 4 put in, 6 replace. No row of the own table is written for these."""
        if len(relation) == 2 and command == 0:
            return self.create(relation[0], {**values, relation[1]: record})
        table, own, foreign, _ = relation
        if command in (3, 6):
            only = f" AND {foreign} = {int(other)}" if command == 3 else ""
            self.database.run(f"DELETE FROM {table} WHERE {own} = {record}{only}")
        for added in [other] if command == 4 else values if command == 6 else []:
            self.database.run(f"INSERT INTO {table} ({own}, {foreign}) VALUES ({record}, {int(added)}) ON CONFLICT DO NOTHING")
            if table == "res_groups_users_rel":
                self.database.run(f"""
                    WITH RECURSIVE implied AS (
                        SELECT {int(added)} AS gid UNION SELECT i.hid FROM implied m JOIN res_groups_implied_rel i ON i.gid = m.gid)
                    INSERT INTO res_groups_users_rel (gid, uid) SELECT gid, {record} FROM implied ON CONFLICT DO NOTHING""")

    def _create_user(self, values):
        partner = self.database.ids(f"INSERT INTO res_partner (name, email, lang, create_date, write_date) VALUES ({literal(values['name'])}, "
                                    f"{literal(values.get('email'))}, {literal(values.get('lang', 'en_US'))}, {NOW}, {NOW}) RETURNING id")[0]
        user = self.database.ids(f"INSERT INTO res_users (login, active, company_id, partner_id) VALUES ({literal(values['login'])}, true, "
                                 f"{int(values['company_id'])}, {partner}) RETURNING id")[0]
        self._command_all("res.users", [user], {field: values[field] for field in ("company_ids", "groups_id")})
        self.database.run(f"UPDATE res_users SET share = EXISTS (SELECT FROM res_groups_users_rel WHERE uid = {user} AND gid = 7) WHERE id = {user}")
        self.passwords[values["login"]] = (user, values["password"])
        return user

    # Rights

    def _check_read(self, model):
        if not (self.user.may_read(model) or self.user.is_admin):
            raise access_error(f"read {model}")

    def _check_write(self, model):
        if not self.user.is_admin and (7 in self.user.groups or not self.user.may_read(model) or model in ("res.users", "account.move")):
            raise access_error(f"change {model}")

    def _check_shown(self, model, ids, what):
        shown = self.database.ids(f"SELECT t.id FROM {MODELS[model].table} t WHERE t.id = ANY ({array(ids)}) AND {self.user.shown(model)}")
        gone = set(ids) - set(self.database.ids(f"SELECT t.id FROM {MODELS[model].table} t WHERE t.id = ANY ({array(ids)})"))
        if gone:
            raise OdooError("odoo.exceptions.MissingError", "a record is no more")
        if set(ids) - set(shown):
            raise access_error(f"{what} these records of {model}")


def array(ids):
    return "ARRAY[" + ", ".join(str(int(record)) for record in ids) + "]::int[]"
