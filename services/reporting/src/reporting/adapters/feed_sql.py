"""The tree of a query as SQL: constant names of declared properties, and bound values; nothing that a client wrote."""

from collections.abc import Sequence
from typing import Any

from reporting.domain.odata.apply import Aggregate, Grouping, Method
from reporting.domain.odata.filters import Both, Comparison, In, Match, Node, Not
from reporting.domain.odata.model import SQL_TYPES, Edm, EntitySet, Property
from reporting.domain.odata.query import Order

_OPERATORS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_MEMBERS = 25


class Parameters:
    """Values that are bound, by the names that a statement has for them."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, type_: str, value: Any) -> str:
        """Bind a value as a type of PostgreSQL."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"cast(:{name} as {type_})"

    def of(self, property_: Property, value: object) -> str:
        """Bind a value of a property."""
        return self.bind(SQL_TYPES[property_.type], value)


def in_areas(entities: EntitySet, areas: frozenset[str], parameters: Parameters) -> str:
    """The condition under which somebody limited to service areas (none: not limited) sees a row."""
    if not areas or entities.limited_by is None:
        return "true"
    return f"f.{entities.limited_by} = any({parameters.bind('text[]', sorted(areas))})"


def condition(node: Node, parameters: Parameters) -> str:
    """True or false, never unknown: in OData a comparison with null is false, and its opposite true."""
    match node:
        case Both(operator, parts):
            return "(" + f" {operator} ".join(condition(part, parameters) for part in parts) + ")"
        case Not(inner):
            return f"not {condition(inner, parameters)}"
        case Comparison(property_, operator, value):
            return _comparison(property_, operator, value, parameters)
        case In(property_, values):
            column = f"f.{property_.column}"
            held = [value for value in values if value is not None]
            bound = parameters.bind(f"{SQL_TYPES[property_.type]}[]", held)
            listed = f"({column} is not null and {column} = any({bound}))"
            return f"({listed} or {column} is null)" if len(held) < len(values) else listed
        case Match(property_, function, value):
            column, bound = f"f.{property_.column}", parameters.bind("text", value)
            test = {
                "contains": f"strpos({column}, {bound}) > 0",
                "startswith": f"starts_with({column}, {bound})",
                "endswith": f"right({column}, length({bound})) = {bound}",
            }[function]
            return f"({column} is not null and {test})"


def _comparison(property_: Property, operator: str, value: object, parameters: Parameters) -> str:
    column = f"f.{property_.column}"
    if value is None:
        # eq and ne ask whether there is a value; anything else with null is false.
        return {"eq": f"({column} is null)", "ne": f"({column} is not null)"}.get(operator, "false")
    bound = parameters.of(property_, value)
    if operator == "ne":
        return f"({column} is distinct from {bound})"
    return f"({column} is not null and {column} {_OPERATORS[operator]} {bound})"


def json_of(properties: Sequence[Property], parameters: Parameters) -> str:
    """A row `f` as the text of a JSON object. Written out, because `row_to_json` takes longer for the same."""
    parts = [_member(each, "," if at else "", parameters) for at, each in enumerate(properties)]
    # A function takes a hundred arguments at most.
    chunks = [", ".join(parts[at : at + _MEMBERS]) for at in range(0, len(parts), _MEMBERS)]
    return f"concat('{{', {', '.join(f'concat({chunk})' for chunk in chunks)}, '}}')"


def _member(property_: Property, comma: str, parameters: Parameters) -> str:
    column = f"f.{property_.column}"
    head = f'{comma}"{property_.name}":'
    # An alias is the client's word; it has a form that needs no escaping, and still is a value and no part of the statement.
    start = parameters.bind("text", head) if property_.alias_of else f"'{head}'"
    match property_.type:
        case Edm.GUID | Edm.DATE if not property_.nullable:
            return f"{start}, '\"', {column}, '\"'" if property_.alias_of else f"'{head}\"', {column}, '\"'"
        case Edm.GUID | Edm.DATE:
            value = f"coalesce('\"' || {column} || '\"', 'null')"
        case Edm.INT32 | Edm.INT64 | Edm.DOUBLE if not property_.nullable:
            value = column
        case Edm.BOOLEAN if not property_.nullable:
            value = f"case when {column} then 'true' else 'false' end"
        case _ if property_.nullable:
            value = f"coalesce(cast(to_json({column}) as text), 'null')"
        case _:
            value = f"to_json({column})"
    return f"{start}, {value}"


def grouped(grouping: Grouping, areas: frozenset[str], parameters: Parameters) -> str:
    """The rows of `$apply`: what is left of a set by the filters before, in groups, with what was asked of each."""
    source = grouping.source
    columns = [f"f.{each.column}" for each in grouping.by]
    columns += [f"{_aggregate(each)} as {each.result.column}" for each in grouping.aggregates]
    wheres = [in_areas(source, areas, parameters), *(condition(each, parameters) for each in grouping.filters)]
    by = f" group by {', '.join(f'f.{each.column}' for each in grouping.by)}" if grouping.by else ""
    return f"select {', '.join(columns)} from {source.view} f where {' and '.join(wheres)}{by}"  # noqa: S608 - see the module


def _aggregate(aggregate: Aggregate) -> str:
    column = f"f.{aggregate.of.column}" if aggregate.of else ""
    match aggregate.method:
        case Method.COUNT:
            return "count(*)"
        case Method.COUNT_DISTINCT:
            return f"count(distinct {column})"
        case Method.AVERAGE:
            return f"cast(avg({column}) as double precision)"
        case Method.SUM:
            return f"cast(sum({column}) as {SQL_TYPES[aggregate.result.type]})"
        case Method.MIN | Method.MAX:
            return f"{aggregate.method.value}({column})"


def sorting(order: Order) -> str:
    """A part of `order by`; null is the least."""
    return (
        f"f.{order.property.column} {'desc nulls last' if order.descending else 'asc nulls first'}"
        if (order.property.nullable)
        else f"f.{order.property.column}{' desc' if order.descending else ''}"
    )


def after(orders: Sequence[Order], key: Sequence[object], parameters: Parameters) -> str:
    """Rows that come after a sort key."""
    bound = [None if value is None else parameters.of(each.property, value) for each, value in zip(orders, key, strict=True)]
    if not any(each.descending or each.property.nullable for each in orders):
        # One comparison of rows, which an index can answer.
        names = ", ".join(f"f.{each.property.column}" for each in orders)
        return f"({names}) > ({', '.join(str(value) for value in bound)})"
    choices = []
    for position, each in enumerate(orders):
        same = [_same(before, bound[at]) for at, before in enumerate(orders[:position])]
        choices.append("(" + " and ".join([*same, _beyond(each, bound[position])]) + ")")
    return "(" + " or ".join(choices) + ")"


def _same(order: Order, bound: str | None) -> str:
    return f"f.{order.property.column} is null" if bound is None else f"f.{order.property.column} = {bound}"


def _beyond(order: Order, bound: str | None) -> str:
    column = f"f.{order.property.column}"
    if order.descending:
        return "false" if bound is None else f"({column} < {bound} or {column} is null)"
    return f"{column} is not null" if bound is None else f"{column} > {bound}"
