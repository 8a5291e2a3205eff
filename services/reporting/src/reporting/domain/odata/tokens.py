"""The words of `$filter` and `$apply`, read one after another."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from reporting.domain.odata.model import malformed

MOST_CHARACTERS = 8_000

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<sign>[(),])
      | (?P<word>[^\s(),']+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A word, a text in quotes, a bracket or comma, or the end."""

    kind: str  # string, sign, word, end
    words: str


class TokenReader:
    """Tokens of a query option, with one of them in view. Raises ODataError for what cannot be read."""

    def __init__(self, text: str, option: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise malformed(f"{option} is longer than {MOST_CHARACTERS} characters.")
        self.option = option
        self._tokens = list(_tokens(text, option))
        self._at = 0

    def peek(self) -> Token:
        """The next token, which stays."""
        return self._tokens[self._at]

    def next(self) -> Token:
        """The next token; the end comes for ever."""
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def takes(self, words: str, kind: str = "word") -> bool:
        """Go on if this is the next token."""
        token = self.peek()
        if token.kind == kind and token.words == words:
            self._at += 1
            return True
        return False

    def needs(self, sign: str) -> None:
        """Go on behind a sign that has to be there."""
        if not self.takes(sign, "sign"):
            self.unexpected()

    def unexpected(self, token: Token | None = None) -> NoReturn:
        """Refuse a token (the next where none is named)."""
        token = token or self.peek()
        what = "the end" if token.kind == "end" else f"'{token.words[:40]}'"
        raise malformed(f"{self.option}: did not expect {what} there.")


def _tokens(text: str, option: str) -> Iterator[Token]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise malformed(f"{option} cannot be read from character {at + 1} on.")
        kind = found.lastgroup or ""
        yield Token(kind, found.group(kind))
        at = found.end()
    yield Token("end", "")
