"""Why a client was refused, told to its owner: the caller hears the same for every reason, and after the same time."""

import asyncio

import structlog

from chassis.unit_of_work import UnitOfWork
from gateway.access.remembered import Remembered
from gateway.adapters import clients, credentials

log = structlog.get_logger(__name__)

_AT_ONCE = 20


class Refusals:
    """Writes reasons down beside the request, never within it; the same one at most once a minute and process."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._noted: Remembered[tuple[str, str, str], bool] = Remembered(60)
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, client_id: str, reason: str, org: str = "", credential_id: str = "") -> None:
        """Keep a reason; with `org=""` for whichever client has this identifier, if one has."""
        key = (client_id, credential_id, reason)
        # A flood of wrong secrets must not become a flood of writing.
        if len(client_id) > 100 or self._noted.get(key) or len(self._tasks) >= _AT_ONCE:  # noqa: PLR2004 - ours are shorter
            return
        self._noted.put(key, True)
        log.warning("client.refused", reason=reason, credential=credential_id, org=org)
        task = asyncio.get_running_loop().create_task(self._write(org, client_id, credential_id, reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, org: str, client_id: str, credential_id: str, reason: str) -> None:
        try:
            org = org or await self._org_of(client_id)
            if org:
                async with self._uow.begin(org) as transaction:
                    await credentials.note_refusal(transaction.connection, org, client_id, credential_id, reason)
        except Exception as error:  # noqa: BLE001 - a note that cannot be written must not end anything
            log.warning("client.refusal_not_kept", cause=type(error).__name__)

    async def _org_of(self, client_id: str) -> str:
        async with self._uow.begin("", capability=client_id) as transaction:
            client = await clients.by_id(transaction.connection, client_id)
            return client.org if client else ""

    async def finish(self) -> None:
        """Wait for what is being written, before the database is let go."""
        await asyncio.gather(*self._tasks)
