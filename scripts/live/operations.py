"""What users do at random. Each operation is one or two calls of Odoo's RPC, and may be refused."""

from odoo import Refused

OPERATIONS = []  # (weight, models that must be there, function)


def operation(weight, *models):
    def register(function):
        OPERATIONS.append((weight, models, function))
        return function
    return register


def perform(world):
    """One random operation by a random user. Returns its name and who did it; throws what the call threw, with both."""
    possible = [(weight, function) for weight, models, function in OPERATIONS if world.has(*models)]
    function = world.random.choices([function for _, function in possible], [weight for weight, _ in possible])[0]
    caller = world.random.choice(world.callers)
    try:
        function(world, caller)
    except Exception as error:
        error.operation = f"{function.__name__} by {caller.login}"
        raise
    return f"{function.__name__} by {caller.login}"


def act(world, caller, model, method, *arguments, **keywords):
    """By one protocol or the other."""
    call = world.random.choice([caller.call, caller.call_by_xml])
    return call(model, method, *arguments, **keywords)


def word(world):
    return f"{world.random.choice(['Azur', 'Birke', 'Ceder', 'Delta', 'Échelle'])} {world.random.randrange(10_000)}"


@operation(8, "res.partner")
def create_partner(world, caller):
    company = world.random.choice([False, *world.companies])
    act(world, caller, "res.partner", "create", {"name": word(world), "phone": str(world.random.randrange(10**6)), "company_id": company})


@operation(10, "res.partner")
def rename_partner(world, caller):
    act(world, caller, "res.partner", "write", world.some(caller, "res.partner"), {"name": word(world)})


@operation(8, "res.partner")
def write_partners(world, caller):
    values = {"phone": str(world.random.randrange(10**6)), "email": f"{world.random.randrange(10**6)}@example.com"}
    act(world, caller, "res.partner", "write", world.some(caller, "res.partner", most=4), values)


@operation(4, "res.partner")
def archive_partner(world, caller):
    records = world.some(caller, "res.partner", [("user_ids", "=", False)])
    act(world, caller, "res.partner", "write", records, {"active": world.random.random() < 0.5})


@operation(4, "res.partner")
def delete_partner(world, caller):
    act(world, caller, "res.partner", "unlink", world.some(caller, "res.partner", [("user_ids", "=", False)]))


@operation(4, "res.partner")
def move_partner_to_company(world, caller):
    records = world.some(caller, "res.partner", [("user_ids", "=", False)])
    act(world, caller, "res.partner", "write", records, {"company_id": world.random.choice([False, *world.companies])})


@operation(3, "res.partner")
def give_partner_a_parent(world, caller):
    child, parent = world.some(caller, "res.partner", [("user_ids", "=", False)]), world.some(caller, "res.partner")
    act(world, caller, "res.partner", "write", child, {"parent_id": parent[0]})


@operation(3, "res.partner.category")
def create_tag(world, caller):
    act(world, caller, "res.partner.category", "create", {"name": word(world)})


@operation(8, "res.partner.category")
def tag_partner(world, caller):
    tags = world.some(caller, "res.partner.category")
    commands = [(world.random.choice([4, 4, 3]), tag) for tag in tags]
    act(world, caller, "res.partner", "write", world.some(caller, "res.partner"), {"category_id": commands})


@operation(8, "res.partner.category")
def tag_from_the_other_side(world, caller):
    partners = world.some(caller, "res.partner", most=3)
    commands = [(world.random.choice([4, 4, 3]), partner) for partner in partners]
    act(world, caller, "res.partner.category", "write", world.some(caller, "res.partner.category"), {"partner_ids": commands})


@operation(2, "res.partner.category")
def rename_tag(world, caller):
    act(world, caller, "res.partner.category", "write", world.some(caller, "res.partner.category"), {"name": word(world)},
        context={"lang": world.random.choice(world.languages)})


@operation(2, "res.partner.category")
def delete_tag(world, caller):
    act(world, caller, "res.partner.category", "unlink", world.some(caller, "res.partner.category"))


@operation(8, "sale.order")
def create_order(world, caller):
    products = world.some(caller, "product.product", [("sale_ok", "=", True)], most=3)
    lines = [(0, 0, {"product_id": product, "product_uom_qty": world.random.randint(1, 9)}) for product in products]
    partner = world.some(caller, "res.partner")[0]
    act(world, caller, "sale.order", "create", {"partner_id": partner, "user_id": salesperson(world), "order_line": lines})


@operation(5, "sale.order")
def add_line(world, caller):
    product = world.some(caller, "product.product", [("sale_ok", "=", True)])[0]
    line = (0, 0, {"product_id": product, "product_uom_qty": world.random.randint(1, 9)})
    act(world, caller, "sale.order", "write", world.some(caller, "sale.order"), {"order_line": [line]})


@operation(5, "sale.order.line")
def change_line(world, caller):
    lines = world.some(caller, "sale.order.line")
    act(world, caller, "sale.order.line", "write", lines, {"product_uom_qty": world.random.randint(1, 9)})


@operation(3, "sale.order.line")
def delete_line(world, caller):
    act(world, caller, "sale.order.line", "unlink", world.some(caller, "sale.order.line"))


@operation(5, "sale.order")
def confirm_order(world, caller):
    caller.call("sale.order", "action_confirm", world.some(caller, "sale.order", [("state", "in", ["draft", "sent"])]))


@operation(4, "sale.order")
def cancel_order(world, caller):
    orders = world.some(caller, "sale.order", [("state", "!=", "cancel")])
    # Without the wizard that asks for a reason.
    caller.call("sale.order", "action_cancel", orders, context={"disable_cancel_warning": True})


@operation(6, "sale.order")
def reassign_order(world, caller):
    act(world, caller, "sale.order", "write", world.some(caller, "sale.order", most=2), {"user_id": salesperson(world)})


@operation(4, "sale.order")
def delete_order(world, caller):
    act(world, caller, "sale.order", "unlink", world.some(caller, "sale.order", [("state", "in", ["draft", "cancel"])]))


@operation(5, "product.template")
def create_product(world, caller):
    values = {"name": word(world), "list_price": world.random.randrange(1, 1_000) / 4, "company_id": world.random.choice([False, *world.companies])}
    act(world, caller, "product.template", "create", values)


@operation(3, "product.template", "product.attribute")
def create_product_with_variants(world, caller):
    # Attributes are the administrator's to make.
    attribute = world.admin.call("product.attribute", "create", {
        "name": word(world), "create_variant": "always", "value_ids": [(0, 0, {"name": "small"}), (0, 0, {"name": "large"})]})
    values = world.admin.call("product.attribute.value", "search", [("attribute_id", "=", attribute)])
    line = (0, 0, {"attribute_id": attribute, "value_ids": [(6, 0, values)]})
    act(world, caller, "product.template", "create", {"name": word(world), "attribute_line_ids": [line]})


@operation(5, "product.template")
def write_product(world, caller):
    values = world.random.choice([{"name": word(world)}, {"list_price": world.random.randrange(1, 1_000) / 4}])
    act(world, caller, "product.template", "write", world.some(caller, "product.template"), values,
        context={"lang": world.random.choice(world.languages)})


@operation(3, "product.template")
def move_product_to_company(world, caller):
    records = world.some(caller, "product.template")
    act(world, caller, "product.template", "write", records, {"company_id": world.random.choice([False, *world.companies])})


@operation(3, "product.product")
def write_variant(world, caller):
    values = {"default_code": f"L{world.random.randrange(10_000)}", "standard_price": world.random.randrange(1, 400) / 4}
    act(world, caller, "product.product", "write", world.some(caller, "product.product"), values)


@operation(2, "product.product")
def archive_variant(world, caller):
    act(world, caller, "product.product", "write", world.some(caller, "product.product"), {"active": world.random.random() < 0.5})


@operation(3, "product.template")
def delete_product(world, caller):
    act(world, caller, "product.template", "unlink", world.some(caller, "product.template"))


@operation(3, "product.product")
def delete_variant(world, caller):
    act(world, caller, "product.product", "unlink", world.some(caller, "product.product"))


@operation(2, "product.category")
def rename_category(world, caller):
    act(world, caller, "product.category", "write", world.some(caller, "product.category"), {"name": word(world)})


# What an administrator does to the others.


@operation(3, "res.users")
def change_language(world, _):
    act(world, world.admin, "res.users", "write", [other(world).user], {"lang": world.random.choice(world.languages)})


@operation(3, "res.users")
def change_company(world, _):
    user = other(world).user
    companies = world.admin.call("res.users", "read", [user], ["company_ids"])[0]["company_ids"]
    act(world, world.admin, "res.users", "write", [user], {"company_id": world.random.choice(companies)})


@operation(2, "res.users")
def change_companies(world, _):
    company = world.random.choice(world.companies)
    values = {"company_id": company, "company_ids": [(6, 0, world.random.choice([[company], world.companies]))]}
    act(world, world.admin, "res.users", "write", [other(world).user], values)


@operation(3, "res.users")
def change_groups(world, _):
    groups = ["sales_team.group_sale_salesman_all_leads", "sales_team.group_sale_manager", "stock.group_stock_user", "account.group_account_invoice"]
    group = world.group(world.random.choice(groups))
    if group is None:
        raise Refused("no such group")
    values = {world.groups_field: [(world.random.choice([3, 4]), group)]}
    act(world, world.admin, "res.users", "write", [other(world).user], values)


def other(world):
    return world.random.choice(world.callers[1:] or world.callers)


def salesperson(world):
    # Of the portal nobody sells.
    sellers = [caller.user for caller in world.callers if not caller.login.endswith("-portal")]
    return world.random.choice([False, *sellers])
