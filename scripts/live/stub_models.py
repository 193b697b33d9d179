"""The models of the live test's stand-in for Odoo, and what each user is shown of them, as plain SQL over the fixture's tables.
Nothing here asks the feed: what it says is compared with this."""

import re


class Model:
    """A table with the fields that the stand-in reads and writes. `t` is its row in every piece of SQL."""

    def __init__(self, table, columns, shown=None, readers=(1,), relations=None, carried=None, name="{r}.name"):
        self.table, self.columns, self.shown, self.readers = table, columns, shown, readers
        # Many2many: (relation's table, own column, other column, other model); one2many: (other model, column there).
        self.relations, self.carried, self.name = relations or {}, carried, name


TAGS = "res_partner_res_partner_category_rel"
TIMES = {"create_date": "datetime", "write_date": "datetime"}
BY_COMPANY = "({c} IS NULL OR {c} = ANY ({companies}))"
# Group rules add up; to whom none applies, all is shown.
OWN_ORDERS = ("({all_orders} OR {own_orders} AND ({o}.user_id = {user} OR {o}.user_id IS NULL) "
              "OR {portal} AND {o}.partner_id = {partner} OR NOT {own_orders} AND NOT {portal})")
ORDER_OF_LINE = "EXISTS (SELECT FROM sale_order o WHERE o.id = t.order_id AND " + OWN_ORDERS.replace("{o}", "o") + ")"

MODELS = {
    "res.partner": Model(
        "res_partner", {"name": "char", "email": "char", "phone": "char", "active": "boolean", "lang": "char",
                        "company_id": "res.company", "parent_id": "res.partner", **TIMES},
        BY_COMPANY.replace("{c}", "t.company_id"), (1, 7),
        {"category_id": (TAGS, "partner_id", "category_id", "res.partner.category"), "child_ids": ("res.partner", "parent_id")}),
    "res.partner.category": Model(
        "res_partner_category", {"name": "translated", "active": "boolean", **TIMES},
        relations={"partner_ids": (TAGS, "category_id", "partner_id", "res.partner")}),
    "sale.order": Model(
        "sale_order", {"name": "char", "partner_id": "res.partner", "state": "char", "amount_total": "float", "user_id": "res.users", **TIMES},
        OWN_ORDERS.replace("{o}", "t"), (1, 7), {"order_line": ("sale.order.line", "order_id")}),
    "sale.order.line": Model(
        "sale_order_line", {"order_id": "sale.order", "product_id": "product.product", "product_uom_qty": "float", **TIMES},
        ORDER_OF_LINE, (1, 7)),
    "product.category": Model("product_category", {"name": "char", "parent_id": "product.category", **TIMES}),
    "product.template": Model(
        "product_template", {"name": "translated", "categ_id": "product.category", "list_price": "float", "active": "boolean",
                             "company_id": "res.company", "sale_ok": "boolean", **TIMES},
        BY_COMPANY.replace("{c}", "t.company_id")),
    "product.product": Model(
        "product_product", {"product_tmpl_id": "product.template", "default_code": "char", "standard_price": "by company",
                            "active": "boolean", **TIMES},
        "EXISTS (SELECT FROM product_template p WHERE p.id = t.product_tmpl_id AND " + BY_COMPANY.replace("{c}", "p.company_id") + ")",
        carried=("product.template", "product_tmpl_id"),
        name="concat('[' || nullif({r}.default_code, '') || '] ', (SELECT {translated} FROM product_template n WHERE n.id = {r}.product_tmpl_id))"),
    "account.move": Model(
        "account_move", {"name": "char", "journal_id": "account.journal", "partner_id": "res.partner", "state": "char",
                         "amount_total": "float", **TIMES}, readers=(3,)),
    "account.journal": Model("account_journal", {"name": "translated", "code": "char", **TIMES}, readers=(3,)),
    "purchase.order": Model("purchase_order", {"name": "char", "partner_id": "res.partner", "state": "char", **TIMES}),
    "stock.picking": Model("stock_picking", {"name": "char", "partner_id": "res.partner", "sale_id": "sale.order", "state": "char", **TIMES}),
    "hr.employee": Model("hr_employee", {"name": "char", "user_id": "res.users", "parent_id": "hr.employee", **TIMES}),
    "hr.expense": Model("hr_expense", {"name": "char", "employee_id": "hr.employee", "sale_order_id": "sale.order", "total_amount": "float", **TIMES}),
    "res.company": Model("res_company", {"name": "char"}),
    "res.groups": Model("res_groups", {"name": "translated"}),
    "ir.model": Model("ir_model", {"model": "char"}),
    "ir.model.data": Model("ir_model_data", {"module": "char", "name": "char", "model": "char", "res_id": "integer"}),
    "res.lang": Model("res_lang", {"code": "char", "active": "boolean"}),
    "res.users": Model(
        "res_users", {"login": "char", "active": "boolean", "company_id": "res.company", "partner_id": "res.partner"},
        relations={"company_ids": ("res_company_users_rel", "user_id", "cid", "res.company"),
                   "groups_id": ("res_groups_users_rel", "uid", "gid", "res.groups")},
        name="(SELECT n.name FROM res_partner n WHERE n.id = {r}.partner_id)"),
}


class User:
    """Who asks, and the values that the SQL above depends on."""

    def __init__(self, row, context):
        self.id, self.groups, self.is_admin = row["id"], set(row["groups"]), 4 in row["groups"]
        allowed = context.get("allowed_company_ids")
        self.companies = allowed or row["companies"]
        self.company = allowed[0] if allowed else row["company"]
        self.lang = context.get("lang") or "en_US"
        self.hides_archived = context.get("active_test", True)
        self.values = {
            "companies": "ARRAY[" + ", ".join(map(str, self.companies)) + "]::int[]", "user": str(self.id), "partner": str(row["partner"]),
            "all_orders": sql_boolean(6 in self.groups), "own_orders": sql_boolean(5 in self.groups), "portal": sql_boolean(7 in self.groups)}

    def may_read(self, model):
        return bool(self.groups & set(MODELS[model].readers))

    def shown(self, model, row="t"):
        """The condition for a row that the user may see."""
        condition = MODELS[model].shown
        if condition is None:
            return "true"
        for name, value in self.values.items():
            condition = condition.replace("{" + name + "}", value)
        return re.sub(r"\bt\.", row + ".", condition)

    def translated(self, column):
        return f"coalesce({column} ->> {literal(self.lang)}, {column} ->> 'en_US')"

    def name(self, model, row):
        """The display name of a row of a model."""
        if MODELS[model].columns.get("name") == "translated":
            return self.translated(row + ".name")
        return MODELS[model].name.replace("{r}", row).replace("{translated}", self.translated("n.name"))


def sql_boolean(value):
    return "true" if value else "false"


def literal(value):
    """A value as SQL."""
    if value is None or value is False:
        return "NULL"
    if value is True or isinstance(value, (int, float)):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"
