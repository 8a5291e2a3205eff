"""Errors that rules raise. They know no HTTP: a kind, a stable slug and words that say what to do."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What sort of refusal it is; the HTTP layer maps each to one status."""

    MALFORMED = "malformed"  # the payload is wrong: 422
    CONFLICT = "conflict"  # the state is against it: 409
    NOT_FOUND = "not-found"  # it is not there, or not for the caller's eyes: 404
    GONE = "gone"  # it was there, and is no more: 410
    FORBIDDEN = "forbidden"  # the caller may not: 403
    UNAUTHENTICATED = "unauthenticated"  # the caller is unknown: 401
    STALE = "stale"  # it was changed since the caller read it: 412
    TOO_LARGE = "too-large"  # 413
    TOO_MANY = "too-many"  # 429
    UNAVAILABLE = "unavailable"  # something needed is away for the moment: 503
    PRECONDITION_REQUIRED = "precondition-required"  # a header is missing: 428


@dataclass(frozen=True)
class FieldError:
    """One wrong place in a payload: a JSON pointer and what was expected there."""

    pointer: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """As it stands in a problem document."""
        return {"pointer": self.pointer, "detail": self.detail}


@dataclass
class DomainError(Exception):
    """A rule says no. `slug` is stable and documented; `detail` says what to do.

    `retry_after` are the seconds after which it may work, where the kind is that of something that passes.
    """

    slug: str
    detail: str
    kind: Kind = Kind.CONFLICT
    errors: tuple[FieldError, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    retry_after: int = 1

    def __str__(self) -> str:
        """The slug and the words, for logs and tests."""
        return f"{self.slug}: {self.detail}"


def not_found(what: str) -> DomainError:
    """The error for a record that is not there or not visible to the caller: the two must look the same."""
    return DomainError("not-found", f"There is no such {what}.", Kind.NOT_FOUND)


def unknown_code(pointer: str, code: str, known: list[str] | tuple[str, ...]) -> FieldError:
    """The error for a code that the profile does not have, with the ones it has (at most 40)."""
    listed = ", ".join(sorted(known)[:40]) or "none"
    return FieldError(pointer, f"'{code[:80]}' is not a known code. Known codes: {listed}.")
