"""Seeing how far the reports are, what was put aside, and what became of commands."""

from typing import Any

from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.progress_repository import SourceProgress


async def follow_progress(transaction: Transaction) -> tuple[list[SourceProgress], bool]:
    """Every source's position and dead letters; and whether reports are whole."""
    return await progress_repository.progress(transaction)


async def list_dead_letters(transaction: Transaction, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the organisation's dead letters, newest first, and the cursor of the next. Raises DomainError (422)."""
    return await progress_repository.dead_letters(transaction, after, limit)


async def list_commands(transaction: Transaction) -> list[dict[str, Any]]:
    """The last commands, newest first. The transaction is the installation's."""
    return await progress_repository.commands(transaction)
