"""What makes two posts of one reference the same: a hash of their content."""

import hashlib
import json
from typing import Any


def content_hash(content: dict[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of what was posted; dates as ISO text."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).digest()
