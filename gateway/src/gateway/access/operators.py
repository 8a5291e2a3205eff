"""What is asked of operators, and what who holds a right key is told while it lacks something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.domain.operator_keys import FIRST
from gateway.domain.principals import Principal
from gateway.domain.scopes import OPERATOR_GRANTS
from gateway.proxy.answers import Refusal

_MIN_OPERATOR_KEY = 32


@dataclass(frozen=True)
class Operators:
    """What is asked of operators: where from they may come, and whether each needs a second factor."""

    first_key: bytes | None = field(default=None, repr=False)
    networks: tuple[str, ...] = ()
    second_factor: bool = False


def read_operator_key(path: Path) -> bytes:
    """The operator's key from its file; raises ValueError when it is too short to be safe."""
    key = path.read_bytes().strip()
    if len(key) < _MIN_OPERATOR_KEY:
        raise ValueError(f"The operator's key in {path} has fewer than {_MIN_OPERATOR_KEY} characters. Make a new one.")
    return key


def operator_principal(subject: str, name: str) -> Principal:
    """Who comes with a key of this name."""
    return Principal("operator", subject, None, OPERATOR_GRANTS, label=f"Operator {name}".strip(), rate_key=subject)


FIRST_OPERATOR = operator_principal(FIRST, "")
"""Who comes with the key of the setting."""

_LACKS: Final[Mapping[str, tuple[Any, ...]]] = {
    "second-factor": (
        401,
        "second-factor-needed",
        (
            "This operator's key needs a pass beside it, and there is none, or it is over. `loop operator sign-in` gets one "
            "for a code of your authenticator."
        ),
        {"WWW-Authenticate": 'Bearer realm="Learning Loop", error="insufficient_user_authentication"'},
    ),
    "enrol": (
        403,
        "second-factor-missing",
        "This operator's key has no second factor yet, and opens nothing before. `loop operator enrol` begins one.",
    ),
    "first": (
        403,
        "first-key-only-begins",
        "The key that the installation began with makes the first key with a name (`loop operator create`), and nothing else.",
    ),
}


def lacking(what: str) -> Refusal:
    """What who holds a right key is told; whoever has none hears the one answer to every wrong credential.

    Each time another one: what was raised keeps the frames that it went through, with the headers of the request.
    """
    return Refusal(*_LACKS[what])
