"""What makes two posts of one reference the same: a keyed hash of their content, which holds words that could be guessed."""

import json
from typing import Any

from chassis import keyed_hash
from chassis.secrets import Secrets

CONTENT = "complaints/posted"


def content_hash(secrets: Secrets, org: str, content: dict[str, Any]) -> bytes:
    """Of the canonical JSON of what was posted; dates as ISO text."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return keyed_hash.keyed_hash(secrets.key(org, CONTENT), canonical.encode())


def is_same(secrets: Secrets, org: str, stored: bytes, ours: bytes) -> bool:
    """Whether what is stored is of the same content; also by a hash from before they were keyed."""
    return keyed_hash.is_same(secrets.key(org, CONTENT), stored, ours)
