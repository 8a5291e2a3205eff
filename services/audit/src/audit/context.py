"""What the use cases of audits at work are given besides the transaction; put together in bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from audit.adapters.audits import Record
from audit.adapters.sealing import CASE_NUMBER
from audit.adapters.tools import Tools
from audit.domain.profile import AuditProfile, Scale, Tool
from chassis.days import british_day
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """Profiles, keys, and what time it is."""

    profiles: ProfileStore[AuditProfile]
    tools: Tools
    secrets: Secrets
    public_url: str
    now: Callable[[], datetime] = _now

    @property
    def today(self) -> date:
        """The day in the United Kingdom."""
        return british_day(self.now())

    def case_number(self, org: str, sealed: bytes | None) -> str:
        """A case's own number, empty where there is none."""
        return self.secrets.open(org, CASE_NUMBER, sealed) if sealed else ""

    async def tool_of(self, transaction: Transaction, record: Record) -> tuple[Tool, Scale | None]:
        """The tool of an audit, in the version that it began with."""
        return await self.tools.tool(transaction, record.tool, record.tool_version)
