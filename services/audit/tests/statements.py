"""What the service asks of its database: the statements behind a page, to be explained or timed by themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from sqlalchemy import event


@dataclass(frozen=True)
class Statement:
    """One statement as the driver gets it ($1, $2, …), with its parameters."""

    sql: str
    parameters: tuple[Any, ...]


@contextmanager
def recorded(app: FastAPI) -> Iterator[list[Statement]]:
    """The statements that the application sends meanwhile, in their order."""
    found: list[Statement] = []

    def note(_connection: object, _cursor: object, sql: str, parameters: Any, _context: object, _many: object) -> None:
        found.append(Statement(sql, tuple(parameters)))

    engine = app.state.uow.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
