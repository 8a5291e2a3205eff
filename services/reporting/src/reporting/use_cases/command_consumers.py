"""Telling the consumers to rebuild everything, or to apply again what was put aside."""

from typing import Any, Literal

from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository

Command = Literal["rebuild", "redrive"]


async def command_consumers(transaction: Transaction, command: Command, by: str) -> dict[str, Any]:
    """Give a command. The transaction is the installation's.

    One of its kind that still waits is answered again: asking twice does it once. Before a rebuild it is noted how far the
    reports had come, and nothing is shown until they are there again.
    """
    waiting = await progress_repository.waiting(transaction, command)
    if waiting is not None:
        return waiting
    if command == "rebuild":
        await progress_repository.aim(transaction)
    return await progress_repository.command(transaction, command, by)
