#!/usr/bin/env python3
"""Writes sql/data/facts_N.sql: which stored fields the models of one release of Odoo have, and by which groups.

    scripts/odoo-facts.py --release 18 --answers ../shared/odoo18/oracle.json.gz      from answers that were kept
    scripts/odoo-facts.py --url https://odoo.example --database NAME --login LOGIN    from a running Odoo, over JSON-RPC

The key or password of the login is read from the variable ODOO_KEY. Take a user who is in all groups: what fields_get does not
show is not written, and stays closed. --output FILE (by default standard output); --check compares with the file that is there.
"""
import argparse, gzip, json, os, re, sys, textwrap, urllib.request

MODELS = """sale.order purchase.order product.template product.product product.category res.partner account.move account.journal
hr.employee hr.expense stock.picking sale.order.line stock.move hr.version""".split()
# Models that carry the fields of another one, which are written with that one.
PARENTS = {"product.product": "product.template", "res.users": "res.partner"}
# On every model of mail, and never given.
MAIL = {"message_ids", "message_follower_ids", "activity_ids", "website_message_ids", "rating_ids"}


def from_answers(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
        return json.load(file)["stored_fields"]


def from_odoo(url, database, login, key):
    def call(service, method, *arguments):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1,
                           "params": {"service": service, "method": method, "args": arguments}}).encode()
        request = urllib.request.Request(url.rstrip("/") + "/jsonrpc", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer = json.load(answer)
        if "error" in answer:
            sys.exit(f"Odoo refuses {method}: {answer['error'].get('data', {}).get('message', answer['error']['message'])}")
        return answer["result"]

    release = int(call("common", "version")["server_version_info"][0])
    user = call("common", "authenticate", database, login, key, {})
    if not user:
        sys.exit("Odoo does not know this login and key")

    def execute(model, method, *arguments, **named):
        return call("object", "execute_kw", database, user, key, model, method, arguments, named)

    wanted = ["type", "store", "groups", "company_dependent", "related", "manual"]
    stored = {}
    for model in MODELS:
        if not execute("ir.model", "search_count", [["model", "=", model]]):
            continue
        fields = execute(model, "fields_get", attributes=wanted)
        stored[model] = {
            name: {"groups": field.get("groups") or None,
                   "inherited": not field.get("store") and not field.get("company_dependent")}
            for name, field in fields.items()
            if not field.get("manual")
            and (field.get("store") or field.get("company_dependent") or re.fullmatch(r"\w+\." + name, field.get("related") or ""))}
    return release, stored


def facts(stored):
    for model, fields in sorted(stored.items()):
        parent = stored.get(PARENTS.get(model), {})
        rows = {}
        for name, field in sorted(fields.items()):
            groups = ",".join(sorted((field.get("groups") or "").replace(" ", "").split(",")))
            # "Not in a group" and "in debug mode" cannot be told by membership: unknown.
            if name.startswith("x_") or name in MAIL or "!" in groups or groups == "base.group_no_one":
                continue
            if field.get("inherited") and (parent.get(name) or {}).get("groups") == field.get("groups") and name in parent:
                continue
            rows.setdefault(groups, []).append(name)
        for groups, names in sorted(rows.items()):
            yield model, groups, names


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def script(release, stored):
    rows = []
    for model, groups, names in facts(stored):
        lines = textwrap.wrap(" ".join(names), 100)
        text = "\n".join("         " + literal((" " if number == 0 else "") + line + " ") for number, line in enumerate(lines))
        rows.append(f"        ({literal(model)}::text, {literal('{' + groups + '}')}::text[],\n{text})")
    return f"""\
-- What Odoo {release} has: made by scripts/odoo-facts.py from its own answers. Make it again instead of changing it.

CREATE OR REPLACE FUNCTION changefeed.odoo_facts_{release}() RETURNS TABLE (model text, groups text[], fields text)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES
{(","+chr(10)).join(rows)};
END $$;
COMMENT ON FUNCTION changefeed.odoo_facts_{release}() IS
    'Stored fields of Odoo {release}''s models, each name between spaces, '
    'and the groups of which a reader needs one; none: {{}}.';
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--answers")
    options.add_argument("--release", type=int)
    options.add_argument("--url")
    options.add_argument("--database")
    options.add_argument("--login")
    options.add_argument("--output")
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    if chosen.answers and chosen.release:
        release, stored = chosen.release, from_answers(chosen.answers)
    elif chosen.url and chosen.database and chosen.login and os.environ.get("ODOO_KEY"):
        release, stored = from_odoo(chosen.url, chosen.database, chosen.login, os.environ["ODOO_KEY"])
    else:
        options.error("give --answers and --release, or --url, --database, --login and ODOO_KEY")
    text = script(release, stored)
    if chosen.check:
        place = os.path.join(os.path.dirname(__file__), f"../sql/data/facts_{release}.sql")
        with open(place) as file:
            if file.read() != text:
                sys.exit(f"{place} is not what {chosen.answers or chosen.url} says")
    elif chosen.output:
        with open(chosen.output, "w") as file:
            file.write(text)
    else:
        print(text, end="")


main()
