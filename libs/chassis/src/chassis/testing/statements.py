"""What is asked of the database while something is done."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def statements(background: Collection[str] = ()) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile, but for those of `background`: classes whose tasks send them."""
    found: list[str] = []

    def note(*arguments: Any) -> None:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        name = getattr(task.get_coro(), "__qualname__", "") if task is not None else ""
        if name.partition(".")[0] not in background:
            found.append(" ".join(arguments[2].split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
