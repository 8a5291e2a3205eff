"""Tools as audits began with them: any version that was ever in force, from the profiles that are kept for good."""

from typing import Any

import orjson
from sqlalchemy import text

from audit.adapters.profiles import definition_of
from audit.domain.profile import AuditProfile
from audit.domain.tool_versions import Definition
from chassis.errors import not_found
from chassis.profile_store import Applied, ProfileStore
from chassis.unit_of_work import Transaction

_KEPT = 256  # definitions that are not in force any more, and lists of versions

# From the newest profile backwards, as far as needed. Its wording is the latest that this version had.
_DEFINITION = text(
    """
    select tool::text as tool, scale::text as scale
      from profile
     cross join jsonb_array_elements(document #> '{audit,tools}') as tools (tool)
      left join lateral jsonb_array_elements(document #> '{audit,scales}') as scales (scale)
             on scale ->> 'code' = tool ->> 'scale'
     where tool ->> 'code' = :code and tool -> 'version' = to_jsonb(cast(:version as integer))
     order by number desc
     limit 1
    """
)
_VERSIONS = text(
    """
    select distinct (tool ->> 'version')::integer as version
      from profile
     cross join jsonb_array_elements(document #> '{audit,tools}') as tools (tool)
     where tool ->> 'code' = :code
     order by version desc
    """
)


class Tools:
    """Finds the definition of any version of a tool; one instance a process."""

    def __init__(self, profiles: ProfileStore[AuditProfile]) -> None:
        self._profiles = profiles
        self._kept: dict[tuple[str, int, str, int], Definition] = {}
        self._versions: dict[tuple[str, int, str], list[int]] = {}

    async def tool(self, transaction: Transaction, code: str, version: int) -> Definition:
        """A version of a tool, and the scale that it grades by, as they stood in the newest profile that had this version.

        Raises `DomainError` (not-found) where no profile ever had it.
        """
        applied = await self._profiles.current(transaction)
        found = _in_force(applied, code, version)
        if found is None:
            # What an older profile says does not change while the same profile is in force.
            key = (transaction.org, applied.number, code, version)
            found = self._kept.get(key)
            if found is None:
                found = await _stored(transaction, code, version)
                _make_room(self._kept)
                self._kept[key] = found
        return found

    async def versions(self, transaction: Transaction, code: str) -> list[int]:
        """Every version of a tool that was ever in force, the highest first; empty where there is no such tool."""
        key = (transaction.org, (await self._profiles.current(transaction)).number, code)
        found = self._versions.get(key)
        if found is None:
            found = list((await transaction.connection.execute(_VERSIONS, {"code": code})).scalars())
            # What is not there is not kept: an address can be made up without end.
            if found:
                _make_room(self._versions)
                self._versions[key] = found
        return found


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= _KEPT:
        kept.clear()


def _in_force(applied: Applied[AuditProfile], code: str, version: int) -> Definition | None:
    tool = applied.profile.tools.get(code)
    return (tool, applied.profile.scale_of(tool)) if tool is not None and tool.version == version else None


async def _stored(transaction: Transaction, code: str, version: int) -> Definition:
    row = (await transaction.connection.execute(_DEFINITION, {"code": code, "version": version})).one_or_none()
    if row is None:
        raise not_found("audit tool")
    return definition_of(row.tool, row.scale)


async def definition_text(transaction: Transaction, code: str, version: int) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A version of a tool and its scale as the newest profile that had it says them; None where no profile ever had it."""
    row = (await transaction.connection.execute(_DEFINITION, {"code": code, "version": version})).one_or_none()
    return None if row is None else (orjson.loads(row.tool), orjson.loads(row.scale) if row.scale else {})
