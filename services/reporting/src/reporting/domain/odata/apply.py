"""`$apply`: filters, then groups with aggregates (OData Extension for Data Aggregation 4.0, sections 3.1, 3.2 and 3.10).

    apply := (filter "(" expression ")" "/")* (groupby | aggregate)
    groupby := "groupby" "(" "(" property ("," property)* ")" ("," aggregate)? ")"
    aggregate := "aggregate" "(" item ("," item)* ")"
    item := "$count" "as" alias | property "with" (sum | min | max | average | countdistinct) "as" alias

The result is an entity set of its own, so that `$filter`, `$orderby`, paging and the rest work on it as on any other.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from reporting.domain.odata import filters
from reporting.domain.odata.filters import Node
from reporting.domain.odata.model import Edm, EntitySet, ODataError, Property, malformed
from reporting.domain.odata.tokens import TokenReader

MOST_GROUPED = 12
MOST_AGGREGATES = 20
_ALIAS = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,59}$")
_OTHERS = (
    *("identity", "concat", "compute", "expand", "search", "orderby", "top", "skip", "nest", "join", "outerjoin", "ancestors"),
    *("topcount", "topsum", "toppercent", "bottomcount", "bottomsum", "bottompercent", "addnested", "descendants", "traverse"),
)


class Method(StrEnum):
    """How values become one."""

    COUNT = "$count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    COUNT_DISTINCT = "countdistinct"


_METHODS = frozenset(Method) - {Method.COUNT}
_NUMBERS = {Edm.INT32, Edm.INT64, Edm.DOUBLE}
_TAKES = {
    Method.SUM: _NUMBERS,
    Method.AVERAGE: _NUMBERS,
    Method.MIN: {*_NUMBERS, Edm.STRING, Edm.DATE, Edm.MOMENT},
    Method.MAX: {*_NUMBERS, Edm.STRING, Edm.DATE, Edm.MOMENT},
}


@dataclass(frozen=True)
class Aggregate:
    """A value made of all values of a property in a group (`of` is None for a number of rows)."""

    method: Method
    of: Property | None
    result: Property


@dataclass(frozen=True)
class Grouping:
    """What `$apply` asks for."""

    source: EntitySet
    filters: tuple[Node, ...]
    by: tuple[Property, ...]
    aggregates: tuple[Aggregate, ...]

    def result(self) -> EntitySet:
        """The set of groups; the properties that are grouped by are its key."""
        properties = (*self.by, *(each.result for each in self.aggregates))
        words = f"Groups of {self.source.name}."
        key = tuple(each.name for each in self.by)
        return EntitySet(self.source.name, self.source.entity, "", words, key, properties, limited_by=None)


def parse(text: str, entities: EntitySet) -> Grouping:
    """What `$apply` says over a set. Raises ODataError (400, or 501 for what OData has and we have not)."""
    return _Parser(TokenReader(text, "$apply"), entities).whole()


class _Parser:
    def __init__(self, tokens: TokenReader, entities: EntitySet) -> None:
        self._tokens = tokens
        self._entities = entities

    def whole(self) -> Grouping:
        before: list[Node] = []
        while True:
            name = self._transformation(first=not before)
            self._tokens.needs("(")
            if name == "filter":
                before.append(filters.expression(self._tokens, self._entities))
                self._tokens.needs(")")
                continue
            by = self._grouped() if name == "groupby" else ()
            items: tuple[Aggregate, ...] = ()
            if name == "aggregate":
                items = self._items()
            elif self._tokens.takes(",", "sign"):
                items = self._inner()
            self._tokens.needs(")")
            break
        if self._tokens.peek().kind != "end":
            after = self._transformation(first=False)
            raise _not_here(
                f"'{after}' after groupby or aggregate; put $filter, $orderby, $top and $skip beside $apply instead"
            )
        return Grouping(self._entities, tuple(before), by, items)

    def _transformation(self, *, first: bool) -> str:
        token = self._tokens.next()
        word = token.words if first else token.words.removeprefix("/")
        if token.kind != "word" or not (first or token.words.startswith("/")):
            self._tokens.unexpected(token)
        if word in _OTHERS:
            raise _not_here(f"the transformation '{word}'")
        if word not in {"filter", "groupby", "aggregate"}:
            raise malformed(f"$apply: expected filter, groupby or aggregate, found '{word[:40]}'.")
        return word

    def _grouped(self) -> tuple[Property, ...]:
        self._tokens.needs("(")
        found = [self._property()]
        while self._tokens.takes(",", "sign"):
            found.append(self._property())
        self._tokens.needs(")")
        if len(set(found)) < len(found):
            raise malformed("$apply: groupby names a property twice.")
        if len(found) > MOST_GROUPED:
            raise malformed(f"$apply: groupby takes {MOST_GROUPED} properties at most.")
        return tuple(found)

    def _inner(self) -> tuple[Aggregate, ...]:
        """The aggregate of a groupby, behind its comma."""
        token = self._tokens.next()
        if token.kind != "word" or token.words != "aggregate":
            raise _not_here("anything but aggregate(…) within groupby")
        self._tokens.needs("(")
        items = self._items()
        self._tokens.needs(")")
        return items

    def _items(self) -> tuple[Aggregate, ...]:
        found: list[Aggregate] = []
        taken = {each.name for each in self._entities.properties}
        while True:
            each = self._item(len(found))
            if each.result.name in taken:
                raise malformed(f"$apply: '{each.result.name}' is the name of something else; choose another after 'as'.")
            taken.add(each.result.name)
            found.append(each)
            if not self._tokens.takes(",", "sign"):
                break
        if len(found) > MOST_AGGREGATES:
            raise malformed(f"$apply: aggregate takes {MOST_AGGREGATES} values at most.")
        return tuple(found)

    def _item(self, at: int) -> Aggregate:
        column = f"aggregate_{at}"
        if self._tokens.takes("$count"):
            return Aggregate(Method.COUNT, None, Property(self._alias(), Edm.INT64, "", alias_of=column))
        of = self._property()
        if not self._tokens.takes("with"):
            self._tokens.unexpected()
        method = self._method()
        if method in _TAKES and of.type not in _TAKES[method]:
            raise malformed(f"$apply: {method} cannot be taken of {of.name}, which is {of.type}.")
        alias = self._alias()
        match method:
            case Method.COUNT_DISTINCT:
                result = Property(alias, Edm.INT64, "", alias_of=column)
            case Method.AVERAGE:
                result = Property(alias, Edm.DOUBLE, "", nullable=True, alias_of=column)
            case Method.SUM:
                whole = of.type is not Edm.DOUBLE
                result = Property(alias, Edm.INT64 if whole else Edm.DOUBLE, "", nullable=True, alias_of=column)
            case _:
                result = Property(alias, of.type, "", nullable=True, alias_of=column)
        return Aggregate(method, of, result)

    def _method(self) -> Method:
        token = self._tokens.next()
        if token.kind != "word":
            self._tokens.unexpected(token)
        if token.words not in _METHODS:
            raise _not_here(f"'{token.words[:40]}' as a way to aggregate; there are sum, min, max, average and countdistinct")
        return Method(token.words)

    def _alias(self) -> str:
        if not self._tokens.takes("as"):
            self._tokens.unexpected()
        token = self._tokens.next()
        if token.kind != "word" or not _ALIAS.match(token.words):
            raise malformed("$apply: after 'as' stands a name of letters, digits and underscores, of 60 at most.")
        return token.words

    def _property(self) -> Property:
        token = self._tokens.next()
        if token.kind != "word":
            self._tokens.unexpected(token)
        if token.words in {"rollup", "$all"}:
            raise _not_here(f"'{token.words}'")
        return self._entities.property(token.words)


def _not_here(what: str) -> ODataError:
    return ODataError(501, "not-implemented", f"$apply: {what} is not available here.")
