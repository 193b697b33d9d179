"""Compares a device's copy with what Odoo itself shows its user: `search([])` for the ids, `read` for the values."""

from collections import Counter

from odoo import Refused

BATCH = 200  # records of one read
CLOSE = 1e-9  # relative: floats that were rounded at another place

MISSING, TOO_MUCH, VALUE, NAME, LIST = "missing", "too much", "field value", "name of a related record", "list of related records"


class Odoo:
    """What Odoo shows a user, in the user's language and for all companies, the current one first, as the feed does."""

    def __init__(self, caller, admin):
        self.caller = caller
        # Of the portal's users none may read it.
        user = admin.call("res.users", "read", [caller.user], ["company_id", "company_ids"])[0]
        current = user["company_id"][0]
        companies = [current, *(company for company in user["company_ids"] if company != current)]
        self.context = {**caller.call("res.users", "context_get"), "allowed_company_ids": companies}

    def ids(self, model):
        try:
            return set(self.caller.call(model, "search", [], context={**self.context, "active_test": False}))
        except Refused:
            return set()  # No right to the model.

    def records(self, model, ids, fields):
        ids, records = sorted(ids), []
        if not fields:
            return {}
        for start in range(0, len(ids), BATCH):
            records += self.caller.call(model, "read", ids[start:start + BATCH], sorted(fields), context=self.context)
        return {record["id"]: record for record in records}


def differences(device, admin):
    """The differences of a device's copy: {(device, model, record, field or None, kind): (Odoo's, the copy's)}."""
    odoo, found = Odoo(device.caller, admin), {}
    for model in device.models():
        copy, ids = device.records(model), odoo.ids(model)
        for record in ids - set(copy):
            found[device.name, model, record, None, MISSING] = ("shown", "not there")
        for record in set(copy) - ids:
            found[device.name, model, record, None, TOO_MUCH] = ("not shown", "there")
        # A record's data are null only where the service may not read the table.
        common = {record for record in ids & set(copy) if copy[record] is not None}
        fields = {name for record in common for name in copy[record]} - {"id"}
        for record, shown in odoo.records(model, common, fields).items():
            for field, value in copy[record].items():
                kind = difference(shown.get(field), value)
                if kind:
                    found[device.name, model, record, field, kind] = (shown.get(field), value)
    return found


def difference(shown, copied):
    """The kind of difference between Odoo's value and the copy's; None where there is none."""
    if is_many2one(shown) and is_many2one(copied):
        if shown[0] != copied[0]:
            return VALUE
        # The feed gives no name within properties.
        return NAME if copied[1] is not None and shown[1] != copied[1] else None
    if isinstance(shown, list) and isinstance(copied, list):
        if all(isinstance(member, int) for member in shown + copied):
            return LIST if set(shown) != set(copied) else None
        return VALUE if without_names(shown) != without_names(copied) else None
    if is_number(shown) and is_number(copied):
        return VALUE if abs(shown - copied) > CLOSE * max(1, abs(shown)) else None
    return VALUE if shown != copied else None


def is_many2one(value):
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], int) and (value[1] is None or isinstance(value[1], str))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def without_names(value):
    """Properties, with related records as `[id, null]`."""
    if is_many2one(value):
        return [value[0], None]
    if isinstance(value, list):
        return [without_names(member) for member in value]
    if isinstance(value, dict):
        return {key: without_names(member) for key, member in value.items()}
    return value


def is_told_by_pulls(world, key):
    """Whether a pull must have told of it, so that it is a fault before any digest was asked: a record's own value, and a
    record that is no more. Names, lists and sight may hang on other records, of which no event comes; values by company stand
    in a table of their own in Odoo 16 and 17."""
    _, model, record, field, kind = key
    if kind == TOO_MUCH:
        context = {"active_test": False, "allowed_company_ids": world.companies}
        return not world.admin.call(model, "search", [("id", "=", record)], context=context)
    return kind == VALUE and not world.is_by_company(model, field)


def table(found):
    """Lines of a table of differences by model, kind and field."""
    counts = Counter((model, kind, field or "") for _, model, _, field, kind in found)
    if not counts:
        return ["    none"]
    rows = [("model", "kind", "field", "how many"), *((*key, str(count)) for key, count in sorted(counts.items()))]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["    " + "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]


def examples(found, most=5):
    return [f"    {device}: {model} {record} {field or ''}: Odoo {shown!r}, copy {copied!r}"
            for (device, model, record, field, _), (shown, copied) in list(sorted(found.items(), key=lambda item: str(item[0])))[:most]]
