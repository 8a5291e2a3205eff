"""`$filter`: from text to a typed tree (OData 4.01 URL conventions, section 5.1.1).

    or := and ("or" and)*        and := not ("and" not)*        not := "not" not | "(" or ")" | function | comparison
    comparison := property (eq|ne|gt|ge|lt|le) literal | property "in" "(" literal ("," literal)* ")"
    function := (contains|startswith|endswith) "(" property "," string ")"

Literals are read into the type of the property that they are compared with, so that nothing of the text goes further than here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from reporting.domain.odata.model import Edm, EntitySet, ODataError, Property, malformed

MOST_CHARACTERS = 8_000
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

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<sign>[(),])
      | (?P<word>[^\s(),']+)
    )""",
    re.VERBOSE,
)
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


@dataclass(frozen=True)
class _Token:
    kind: str  # string, sign, word, end
    words: str


def parse(text: str, entities: EntitySet) -> Node:
    """The tree of a filter over an entity set. Raises ODataError (400, or 501 for what OData has and we have not)."""
    if len(text) > MOST_CHARACTERS:
        raise malformed(f"$filter is longer than {MOST_CHARACTERS} characters.")
    return _Parser(list(_tokens(text)), entities).whole()


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise malformed(f"$filter cannot be read from character {at + 1} on.")
        kind = found.lastgroup or ""
        yield _Token(kind, found.group(kind))
        at = found.end()
    yield _Token("end", "")


class _Parser:
    def __init__(self, tokens: list[_Token], entities: EntitySet) -> None:
        self._tokens = tokens
        self._at = 0
        self._entities = entities
        self._depth = 0
        self._literals = 0

    def whole(self) -> Node:
        node = self._any()
        if self._peek().kind != "end":
            self._unexpected()
        return node

    def _any(self) -> Node:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise malformed(f"$filter is nested more than {MOST_DEPTH} deep.")
        parts = [self._all()]
        while self._takes("or"):
            parts.append(self._all())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Both("or", tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both("and", tuple(parts))

    def _one(self) -> Node:
        opposites = 0
        while self._takes("not"):
            opposites += 1
        node = self._plain()
        return Not(node) if opposites % 2 else node

    def _plain(self) -> Node:
        if self._takes("(", "sign"):
            node = self._any()
            self._needs(")")
            return node
        token = self._next()
        if token.kind != "word" or not _NAME.match(token.words):
            self._unexpected(token)
        if self._takes("(", "sign"):
            return self._function(token.words)
        return self._comparison(self._entities.property(token.words))

    def _function(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise ODataError(501, "not-implemented", f"The function '{name[:40]}' is not available in $filter here.")
        word = self._next()
        if word.kind != "word":
            self._unexpected(word)
        property_ = self._entities.property(word.words)
        if property_.type is not Edm.STRING:
            raise malformed(f"{name} needs a text property; {property_.name} is {property_.type}.")
        self._needs(",")
        value = self._next()
        if value.kind != "string":
            self._unexpected(value)
        self._needs(")")
        return Match(property_, name, str(property_.read(_unquoted(value.words))))

    def _comparison(self, property_: Property) -> Node:
        operator = self._next()
        if operator.kind == "word" and operator.words == "in":
            self._needs("(")
            values = [self._literal(property_)]
            while self._takes(",", "sign"):
                values.append(self._literal(property_))
            self._needs(")")
            return In(property_, tuple(values))
        if operator.kind != "word" or operator.words not in COMPARISONS:
            self._unexpected(operator)
        return Comparison(property_, operator.words, self._literal(property_))

    def _literal(self, property_: Property) -> object:
        self._literals += 1
        if self._literals > MOST_LITERALS:
            raise malformed(f"$filter holds more than {MOST_LITERALS} values.")
        token = self._next()
        if token.kind == "word" and token.words == "null":
            return None
        # A date in quotes is no date in OData, but some clients know dates only as text; no other reading is possible.
        quotable = property_.type in {Edm.STRING, Edm.DATE, Edm.MOMENT, Edm.GUID}
        if token.kind == "string" and quotable:
            return property_.read(_unquoted(token.words))
        if token.kind == "word" and property_.type is not Edm.STRING:
            return property_.read(token.words)
        if token.kind not in {"string", "word"}:
            self._unexpected(token)
        raise malformed(f"{property_.name} is {property_.type}; a text stands in single quotes, other values do not.")

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _takes(self, words: str, kind: str = "word") -> bool:
        token = self._peek()
        if token.kind == kind and token.words == words:
            self._at += 1
            return True
        return False

    def _needs(self, sign: str) -> None:
        if not self._takes(sign, "sign"):
            self._unexpected()

    def _unexpected(self, token: _Token | None = None) -> NoReturn:
        token = token or self._peek()
        what = "the end" if token.kind == "end" else f"'{token.words[:40]}'"
        raise malformed(f"$filter: did not expect {what} there.")


def _unquoted(words: str) -> str:
    return words[1:-1].replace("''", "'")
