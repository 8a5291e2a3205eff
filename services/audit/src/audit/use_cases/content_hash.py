"""What makes two sendings of one reference the same: a keyed hash of their content, which tells nothing of its words."""

import hmac
import json
from typing import Any

from chassis.errors import DomainError


def content_hash(key: bytes, content: dict[str, Any]) -> bytes:
    """HMAC-SHA256 over the canonical JSON of what was sent; dates as ISO text."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hmac.digest(key, canonical.encode(), "sha256")


def reference_taken(what: str, reference: str) -> DomainError:
    """The refusal of other content under a reference that was used before; `reference` is the number that we gave it."""
    return DomainError(
        "reference-taken",
        f"You sent a {what} with this reference before, with other content: it is {reference}. Nothing was stored. What "
        "happens to it later is recorded by its steps and corrections.",
    )
