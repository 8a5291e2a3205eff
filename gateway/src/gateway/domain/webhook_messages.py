"""A message of a webhook: its body, and identifiers that are in the order of time."""

import uuid
from datetime import datetime
from typing import Any

import orjson


def message(name: str, timestamp: str, data: dict[str, Any]) -> str:
    """The body of a message, as Standard Webhooks has it."""
    return orjson.dumps({"type": name, "timestamp": timestamp, "data": data}).decode()


def records_of(data: dict[str, Any]) -> list[str]:
    """The ids of the records that a message is about, so that it is found when one of them is reduced."""
    return sorted({str(value) for name, value in data.items() if name.endswith("_id") and _is_id(value)})


def _is_id(value: Any) -> bool:
    try:
        return str(uuid.UUID(str(value))) == str(value)
    except ValueError:
        return False


def first_id_of(moment: datetime) -> uuid.UUID:
    """The lowest identifier (version 7, `chassis.ids`) that can have been made at a moment."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
