"""Identifiers: UUID version 7 (RFC 9562), so that index pages fill in order of time."""

import os
import time
import uuid


def new_id() -> uuid.UUID:
    """A UUID version 7: 48 bits of milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)
