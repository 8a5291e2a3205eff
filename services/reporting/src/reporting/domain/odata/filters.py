"""`$filter`: from text to a typed tree (OData 4.01 URL conventions, section 5.1.1).

    or := and ("or" and)*        and := not ("and" not)*        not := "not" not | "(" or ")" | function | comparison
    comparison := property (eq|ne|gt|ge|lt|le) literal | property "in" "(" literal ("," literal)* ")"
    function := (contains|startswith|endswith) "(" property "," string ")"

Literals are read into the type of the property that they are compared with, so that nothing of the text goes further than here.
"""

import re
from dataclasses import dataclass
from typing import Literal

from reporting.domain.odata.model import Edm, EntitySet, ODataError, Property, malformed
from reporting.domain.odata.tokens import TokenReader

MOST_DEPTH = 40
MOST_LITERALS = 1_000

COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
FUNCTIONS = ("contains", "startswith", "endswith")


@dataclass(frozen=True)
class Comparison:
    """A property compared with one value; None is null."""

    property: Property
    operator: str
    value: object


@dataclass(frozen=True)
class In:
    """A property that equals one of several values."""

    property: Property
    values: tuple[object, ...]


@dataclass(frozen=True)
class Match:
    """A text property that contains, starts with or ends with something."""

    property: Property
    function: str
    value: str


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: "Node"


@dataclass(frozen=True)
class Both:
    """All of several (`and`), or any (`or`)."""

    operator: Literal["and", "or"]
    parts: tuple["Node", ...]


Node = Comparison | In | Match | Not | Both

_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def parse(text: str, entities: EntitySet) -> Node:
    """The tree of a filter over an entity set. Raises ODataError (400, or 501 for what OData has and we have not)."""
    tokens = TokenReader(text, "$filter")
    node = expression(tokens, entities)
    if tokens.peek().kind != "end":
        tokens.unexpected()
    return node


def expression(tokens: TokenReader, entities: EntitySet) -> Node:
    """The tree of the expression that begins at the next token."""
    return _Parser(tokens, entities).whole()


class _Parser:
    def __init__(self, tokens: TokenReader, entities: EntitySet) -> None:
        self._tokens = tokens
        self._entities = entities
        self._depth = 0
        self._literals = 0

    def whole(self) -> Node:
        return self._any()

    def _any(self) -> Node:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise malformed(f"{self._tokens.option} is nested more than {MOST_DEPTH} deep.")
        parts = [self._all()]
        while self._tokens.takes("or"):
            parts.append(self._all())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Both("or", tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._tokens.takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both("and", tuple(parts))

    def _one(self) -> Node:
        opposites = 0
        while self._tokens.takes("not"):
            opposites += 1
        node = self._plain()
        return Not(node) if opposites % 2 else node

    def _plain(self) -> Node:
        if self._tokens.takes("(", "sign"):
            node = self._any()
            self._tokens.needs(")")
            return node
        token = self._tokens.next()
        if token.kind != "word" or not _NAME.match(token.words):
            self._tokens.unexpected(token)
        if self._tokens.takes("(", "sign"):
            return self._function(token.words)
        return self._comparison(self._entities.property(token.words))

    def _function(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise ODataError(
                501, "not-implemented", f"The function '{name[:40]}' is not available in {self._tokens.option} here."
            )
        word = self._tokens.next()
        if word.kind != "word":
            self._tokens.unexpected(word)
        property_ = self._entities.property(word.words)
        if property_.type is not Edm.STRING:
            raise malformed(f"{name} needs a text property; {property_.name} is {property_.type}.")
        self._tokens.needs(",")
        value = self._tokens.next()
        if value.kind != "string":
            self._tokens.unexpected(value)
        self._tokens.needs(")")
        return Match(property_, name, str(property_.read(_unquoted(value.words))))

    def _comparison(self, property_: Property) -> Node:
        operator = self._tokens.next()
        if operator.kind == "word" and operator.words == "in":
            self._tokens.needs("(")
            values = [self._literal(property_)]
            while self._tokens.takes(",", "sign"):
                values.append(self._literal(property_))
            self._tokens.needs(")")
            return In(property_, tuple(values))
        if operator.kind != "word" or operator.words not in COMPARISONS:
            self._tokens.unexpected(operator)
        return Comparison(property_, operator.words, self._literal(property_))

    def _literal(self, property_: Property) -> object:
        self._literals += 1
        if self._literals > MOST_LITERALS:
            raise malformed(f"{self._tokens.option} holds more than {MOST_LITERALS} values.")
        token = self._tokens.next()
        if token.kind == "word" and token.words == "null":
            return None
        # A date in quotes is no date in OData, but some clients know dates only as text; no other reading is possible.
        quotable = property_.type in {Edm.STRING, Edm.DATE, Edm.MOMENT, Edm.GUID}
        if token.kind == "string" and quotable:
            return property_.read(_unquoted(token.words))
        if token.kind == "word" and property_.type is not Edm.STRING:
            return property_.read(token.words)
        if token.kind not in {"string", "word"}:
            self._tokens.unexpected(token)
        raise malformed(f"{property_.name} is {property_.type}; a text stands in single quotes, other values do not.")


def _unquoted(words: str) -> str:
    return words[1:-1].replace("''", "'")
