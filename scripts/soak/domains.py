"""Odoo domains in plain Python: what the soak expects a user to see, made without any of the feed's own code.

Only what the record rules of the soak's models need. Anything else is refused, and its model is then left out."""

import ast

OPERATORS = ("=", "!=", "in", "not in", "<=", ">", "child_of", "parent_of")


class NotUnderstood(Exception):
    """A domain holds something that is not known here."""


class Relations:
    """What hangs on other records, which the soak never changes.

    parents: of each table the parent of each record; followers: the partners that follow (model, record)."""

    def __init__(self, parents, followers):
        self.parents, self.followers = parents, followers

    def line(self, table, record):
        """A record and all that are above it."""
        line, parents = set(), self.parents[table]
        while record is not None and record not in line:
            line.add(record)
            record = parents.get(record)
        return line


class Domain:
    """One parsed domain. Raises NotUnderstood."""

    def __init__(self, text, model):
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise NotUnderstood(f"no expression: {text}") from error
        if not isinstance(tree, ast.List):
            raise NotUnderstood(f"no list: {text}")
        self.model, self.terms = model, [self._term(element) for element in tree.elts]
        fields = {term[0] for term in self.terms if isinstance(term, tuple)}
        self.columns = {field for field in fields if isinstance(field, str)} - {"message_partner_ids"}

    @staticmethod
    def _term(element):
        if isinstance(element, ast.Constant) and element.value in ("&", "|", "!"):
            return element.value
        if not isinstance(element, (ast.Tuple, ast.List)) or len(element.elts) != 3:
            raise NotUnderstood(ast.unparse(element))
        field, operator, value = element.elts
        if (
            not isinstance(field, ast.Constant)
            or not isinstance(operator, ast.Constant)
            or operator.value not in OPERATORS
        ):
            raise NotUnderstood(ast.unparse(element))
        if isinstance(field.value, str) and "." in field.value:
            raise NotUnderstood(f"a path: {field.value}")
        if field.value == "message_partner_ids" and operator.value not in ("in", "child_of"):
            raise NotUnderstood(ast.unparse(element))
        evaluate(value, None)
        return field.value, operator.value, value

    def bind(self, names, relations):
        """A function of a row that says whether it passes for whoever `names` describes."""
        stack = []
        # Polish notation, read from its end.
        for term in reversed(self.terms):
            if term == "!":
                stack.append(negation(stack.pop()))
            elif term in ("&", "|"):
                one, other = stack.pop(), stack.pop()
                stack.append(both(one, other) if term == "&" else either(one, other))
            else:
                field, operator, value = term
                stack.append(self._comparison(field, operator, evaluate(value, names), relations))
        while len(stack) > 1:
            stack.append(both(stack.pop(), stack.pop()))
        return stack[0] if stack else lambda row: True

    def _comparison(self, field, operator, value, relations):
        if isinstance(field, int):  # (1, '=', 1)
            result = (field == value) == (operator == "=")
            return lambda row: result
        members = value if isinstance(value, list) else [value]
        wanted = {member for member in members if member is not False and member is not None}
        if field == "message_partner_ids":
            return self._following(operator, wanted, relations)
        if operator in ("child_of", "parent_of"):
            return self._in_line(field, operator, wanted, relations)
        if operator in ("in", "not in"):
            # An empty value belongs to False; NOT IN without False shows it.
            empty, is_in = False in members, operator == "in"
            return lambda row: (empty if row[field] in (None, False) else row[field] in wanted) == is_in
        if operator in ("<=", ">"):
            return lambda row: row[field] is not None and (row[field] <= value) == (operator == "<=")
        if value is False or value is None:
            return lambda row: (not row[field]) == (operator == "=")
        return lambda row: (row[field] == value) == (operator == "=")

    def _in_line(self, field, operator, wanted, relations):
        """parent_of: what is above one of those wanted, or one of them."""
        if field == "company_id":
            table = "res_company"
        elif field == "partner_id" or field == "id" and self.model == "res.partner":
            table = "res_partner"
        else:
            raise NotUnderstood(f"{operator} of {field}")
        if operator == "parent_of":
            above = {record for each in wanted for record in relations.line(table, each)}
            return lambda row: row[field] in above
        return lambda row: bool(relations.line(table, row[field]) & wanted)

    def _following(self, operator, wanted, relations):
        def follows(row):
            followers = set(relations.followers.get((self.model, row["id"]), ()))
            if operator == "child_of":
                followers = {record for each in followers for record in relations.line("res_partner", each)}
            return bool(followers & wanted)

        return follows


def negation(one):
    return lambda row: not one(row)


def both(one, other):
    return lambda row: one(row) and other(row)


def either(one, other):
    return lambda row: one(row) or other(row)


def evaluate(node, names):
    """A term's value. names None: only whether it is understood."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [evaluate(element, names) for element in node.elts]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        one, other = evaluate(node.left, names), evaluate(node.right, names)
        return [] if names is None else [*one, *other]
    name = ast.unparse(node)
    if name not in ("user.id", "user.partner_id.id", "user.commercial_partner_id.id", "company_id", "company_ids"):
        raise NotUnderstood(f"name {name}")
    return [] if names is None else names[name]
