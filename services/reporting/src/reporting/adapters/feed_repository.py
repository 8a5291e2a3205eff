"""Reads pages of a feed. The tree of a query becomes SQL of constant names and bound parameters; PostgreSQL writes the JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from reporting.domain.odata.filters import Both, Comparison, In, Match, Node, Not
from reporting.domain.odata.model import SQL_TYPES, Property
from reporting.domain.odata.query import Order, Query, next_token

_OPERATORS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


@dataclass(frozen=True)
class FeedPage:
    """A page: its rows as JSON text, the number of all rows where it was asked for, and the token of the next page."""

    rows: str
    total: int | None
    following: str | None


class FeedRepository:
    """Pages of entity sets, for one organisation and the service areas that its reader is limited to."""

    def __init__(self, transaction: Transaction, areas: frozenset[str]) -> None:
        self._connection = transaction.connection
        self._areas = areas

    async def page(self, query: Query) -> FeedPage:
        """One page of rows, in order."""
        total = await self.count(query) if query.count else None
        wanted = query.size if query.left is None else min(query.size, query.left)
        if not wanted:
            return FeedPage("", total, None)
        parameters = _Parameters()
        statement = self._statement(query, parameters, wanted + 1)
        found = (await self._connection.execute(text(statement), parameters.values)).all()
        rows, more = found[:wanted], len(found) > wanted
        following = None
        if more and (query.left is None or query.left > wanted):
            following = next_token(query, orjson.loads(rows[-1][-1]), len(rows))
        return FeedPage(",".join([row[0] for row in rows]), total, following)

    async def count(self, query: Query) -> int:
        """How many rows the filter lets through, whatever the page."""
        parameters = _Parameters()
        where = self._where(query, parameters)
        statement = f"select count(*) from {query.entities.view} f where {where}"  # noqa: S608 - see the module
        return int((await self._connection.execute(text(statement), parameters.values)).scalar_one())

    def _statement(self, query: Query, parameters: "_Parameters", limit: int) -> str:
        shown = [each.name for each in query.columns]
        hidden = [each.property.name for each in query.order if each.property.name not in shown]
        where = self._where(query, parameters)
        if query.page.after:
            where += f" and {_after(query.order, query.page.after, parameters)}"
        columns = ", ".join(f"f.{name}" for name in (*shown, *hidden))
        order = ", ".join(_sorting(each) for each in query.order)
        skip = f" offset {parameters.bind('bigint', query.skip)}" if query.skip and not query.page.after else ""
        line = "cast(row_to_json(page) as text)"
        if hidden:
            only = ", ".join(f"page.{name}" for name in shown)
            line = f"cast(row_to_json((select shown from (select {only}) shown)) as text), {line}"  # noqa: S608 - as below
        return (
            f"select {line} from (select {columns} from {query.entities.view} f where {where}"  # noqa: S608 - see the module
            f" order by {order} limit {parameters.bind('bigint', limit)}{skip}) page"
        )

    def _where(self, query: Query, parameters: "_Parameters") -> str:
        conditions = ["true"]
        if self._areas and (limited_by := query.entities.limited_by):
            conditions.append(f"f.{limited_by} = any({parameters.bind('text[]', sorted(self._areas))})")
        if query.filter is not None:
            conditions.append(_condition(query.filter, parameters))
        return " and ".join(conditions)


class _Parameters:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, type_: str, value: Any) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"cast(:{name} as {type_})"

    def of(self, property_: Property, value: object) -> str:
        return self.bind(SQL_TYPES[property_.type], value)


def _condition(node: Node, parameters: _Parameters) -> str:
    """True or false, never unknown: in OData a comparison with null is false, and its opposite true."""
    match node:
        case Both(operator, parts):
            return "(" + f" {operator} ".join(_condition(part, parameters) for part in parts) + ")"
        case Not(inner):
            return f"not {_condition(inner, parameters)}"
        case Comparison(property_, operator, value):
            return _comparison(property_, operator, value, parameters)
        case In(property_, values):
            column = f"f.{property_.name}"
            held = [value for value in values if value is not None]
            bound = parameters.bind(f"{SQL_TYPES[property_.type]}[]", held)
            listed = f"({column} is not null and {column} = any({bound}))"
            return f"({listed} or {column} is null)" if len(held) < len(values) else listed
        case Match(property_, function, value):
            column, bound = f"f.{property_.name}", parameters.bind("text", value)
            test = {
                "contains": f"strpos({column}, {bound}) > 0",
                "startswith": f"starts_with({column}, {bound})",
                "endswith": f"right({column}, length({bound})) = {bound}",
            }[function]
            return f"({column} is not null and {test})"


def _comparison(property_: Property, operator: str, value: object, parameters: _Parameters) -> str:
    column = f"f.{property_.name}"
    if value is None:
        # eq and ne ask whether there is a value; anything else with null is false.
        return {"eq": f"({column} is null)", "ne": f"({column} is not null)"}.get(operator, "false")
    bound = parameters.of(property_, value)
    if operator == "ne":
        return f"({column} is distinct from {bound})"
    return f"({column} is not null and {column} {_OPERATORS[operator]} {bound})"


def _sorting(order: Order) -> str:
    return (
        f"f.{order.property.name} {'desc nulls last' if order.descending else 'asc nulls first'}"
        if (order.property.nullable)
        else f"f.{order.property.name}{' desc' if order.descending else ''}"
    )


def _after(orders: Sequence[Order], key: Sequence[object], parameters: _Parameters) -> str:
    """Rows that come after a sort key."""
    bound = [None if value is None else parameters.of(each.property, value) for each, value in zip(orders, key, strict=True)]
    if not any(each.descending or each.property.nullable for each in orders):
        # One comparison of rows, which an index can answer.
        names = ", ".join(f"f.{each.property.name}" for each in orders)
        return f"({names}) > ({', '.join(str(value) for value in bound)})"
    choices = []
    for position, each in enumerate(orders):
        same = [_same(before, bound[at]) for at, before in enumerate(orders[:position])]
        choices.append("(" + " and ".join([*same, _beyond(each, bound[position])]) + ")")
    return "(" + " or ".join(choices) + ")"


def _same(order: Order, bound: str | None) -> str:
    return f"f.{order.property.name} is null" if bound is None else f"f.{order.property.name} = {bound}"


def _beyond(order: Order, bound: str | None) -> str:
    column = f"f.{order.property.name}"
    if order.descending:
        return "false" if bound is None else f"({column} < {bound} or {column} is null)"
    return f"{column} is not null" if bound is None else f"{column} > {bound}"
