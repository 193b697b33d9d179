"""The users of a live test: some in each kind of sales, one without, one of the warehouse, one of the portal."""

import secrets

from odoo import Broken, Refused

# Name, and XML ids of groups, of which those count that are installed; without the last there is no such user.
KINDS = [
    ("own", ["base.group_user", "base.group_partner_manager", "sales_team.group_sale_salesman"]),
    ("leader", ["base.group_user", "base.group_partner_manager", "sales_team.group_sale_salesman_all_leads"]),
    ("manager", ["base.group_user", "base.group_partner_manager", "sales_team.group_sale_manager"]),
    ("stock", ["base.group_user", "stock.group_stock_user"]),
    ("plain", ["base.group_user"]),
    ("portal", ["base.group_portal"]),
]


class World:
    """What an operation may know: who there is, which models, companies, languages and groups."""

    def __init__(self, admin, random):
        self.admin, self.random = admin, random
        self.models = set()
        self.companies = sorted(admin.call("res.company", "search", []))
        languages = admin.call("res.lang", "search_read", [("active", "=", True)], fields=["code"])
        self.languages = sorted(language["code"] for language in languages)
        fields = admin.fields("res.users")
        # Odoo 19 named it anew.
        self.groups_field = "group_ids" if "group_ids" in fields else "groups_id"
        self.groups, self.fields = {}, {"res.users": fields}
        self.callers = [admin]

    def has(self, *models):
        """Whether this Odoo has these models."""
        unknown = set(models) - self.models
        if unknown:
            found = self.admin.call("ir.model", "search_read", [("model", "in", sorted(unknown))], fields=["model"])
            self.models |= {record["model"] for record in found}
        return set(models) <= self.models

    def is_by_company(self, model, field):
        if model not in self.fields:
            self.fields[model] = self.admin.fields(model)
        return bool(self.fields[model].get(field, {}).get("company_dependent"))

    def group(self, xml_id):
        """The id of a group; None where its module is not installed."""
        if xml_id not in self.groups:
            module, _, name = xml_id.partition(".")
            domain = [("module", "=", module), ("name", "=", name), ("model", "=", "res.groups")]
            found = self.admin.call("ir.model.data", "search_read", domain, fields=["res_id"])
            self.groups[xml_id] = found[0]["res_id"] if found else None
        return self.groups[xml_id]

    def make_users(self, seed):
        """Makes them, or takes those that an earlier run with this seed made. Returns the names of kinds that cannot be."""
        left_out = []
        for kind, xml_ids in KINDS:
            groups = [self.group(xml_id) for xml_id in xml_ids]
            # It would be another kind again.
            if groups[-1] is None:
                left_out.append(kind)
                continue
            try:
                self.callers.append(self._make(f"live-{seed}-{kind}", [group for group in groups if group]))
            except (Refused, Broken) as error:
                left_out.append(f"{kind} ({error})")
        return left_out

    def _make(self, login, groups):
        password = secrets.token_urlsafe(16)
        # Every second one works in all companies.
        companies = self.companies if len(self.callers) % 2 else self.companies[:1]
        values = {"name": login, "login": login, "email": f"{login}@example.com", "password": password,
                  self.groups_field: [(6, 0, groups)], "company_ids": [(6, 0, companies)], "company_id": companies[0],
                  "lang": self.languages[len(self.callers) % len(self.languages)]}
        earlier = self.admin.call("res.users", "search", [("login", "=", login)], context={"active_test": False})
        if earlier:
            self.admin.call("res.users", "write", earlier, {**values, "active": True})
        else:
            self.admin.call("res.users", "create", values, context={"no_reset_password": True})
        return self.admin.odoo.log_in(login, password)

    def some(self, caller, model, domain=(), most=1):
        """Ids of random records that the caller sees; among the newest, so that a large database is not listed each time.
        Throws `Refused` where there are none."""
        found = caller.call(model, "search", list(domain), limit=300, order="id desc", context={"active_test": False})
        if not found:
            raise Refused(f"no {model} to choose from")
        return self.random.sample(found, min(len(found), self.random.randint(1, most)))
