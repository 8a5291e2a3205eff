"""What stands in the history of something that an administrator keeps: a client, a subscription."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

SERVICE = "gateway"
"""Whose trail it is."""


@dataclass(frozen=True)
class Done:
    """Something that was done with it."""

    at: datetime
    by: str
    by_label: str
    act: str
    detail: dict[str, Any]
