"""Reading a posted form within limits.

`application/x-www-form-urlencoded` here; a form with a file is read by `chassis.pages.files`. What a browser sends is tidied
once, here: a line ends in LF (browsers send CR LF), and a NUL, which PostgreSQL cannot store, is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from chassis.errors import DomainError, Kind
from chassis.pages import csrf

MAX_BYTES = 64 * 1024
MAX_FIELDS = 200
MEDIA_TYPE = "application/x-www-form-urlencoded"


class Form(Mapping[str, str]):
    """The fields of a form. A field may stand several times; as a mapping each has its first value."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        """Keep the fields in the order in which they were sent."""
        self._values: dict[str, list[str]] = {}
        for name, value in fields:
            self._values.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str) -> str:
        """Return a field's first value without white space around it, empty when the field is missing."""
        return self.get(name, "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that is not empty, in the order sent (checkboxes)."""
        return tuple(value for value in self._values.get(name, []) if value)


async def read_form(request: Request, max_bytes: int = MAX_BYTES, max_fields: int = MAX_FIELDS) -> Form:
    """Read the form that was posted.

    Raises DomainError `form-too-large` over either limit, and `malformed-form` for another media type or bytes that are not
    a form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise DomainError("malformed-form", "The form could not be read. Go back and send it from the page.", Kind.MALFORMED)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large()
    return parse_form(bytes(body), max_fields)


def parse_form(body: bytes, max_fields: int = MAX_FIELDS) -> Form:
    """Parse the body of a form. Raises as `read_form`."""
    if body.count(b"&") >= max_fields:
        raise _too_large()
    try:
        # Bytes that are no UTF-8 are an error in both forms in which they can come: percent-encoded and bare.
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise DomainError("malformed-form", "The form could not be read. Go back and send it again.", Kind.MALFORMED) from None
    return tidied_form(fields)


def tidied_form(fields: Iterable[tuple[str, str]]) -> Form:
    """A form of fields as they came. Raises `DomainError` malformed-form for a character that cannot be stored."""
    tidied = [(name, value.replace("\r\n", "\n").replace("\r", "\n")) for name, value in fields]
    if any("\0" in name or "\0" in value for name, value in tidied):
        raise DomainError("malformed-form", "The form holds a character that cannot be stored.", Kind.MALFORMED)
    return Form(tidied)


def require_token(form: Form, secret: bytes, session: str) -> None:
    """Raise DomainError `form-expired` unless the form carries a token of this session (`{{ csrf_field(token) }}`)."""
    if not csrf.check(secret, session, form.get(csrf.FIELD, "")):
        raise DomainError(
            "form-expired",
            "The page was open for too long, or was not ours. Nothing was changed. Open the page again and send it once more.",
            Kind.FORBIDDEN,
        )


def _too_large() -> DomainError:
    return DomainError("form-too-large", "That is more than fits. Nothing was stored. Please shorten it.", Kind.TOO_LARGE)
