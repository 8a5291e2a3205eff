"""Profiles as the audit service keeps them: a version of a tool that was ever in force keeps its shape."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import text

from audit.adapters.retained import DECLARED
from audit.domain.profile import AuditProfile, Scale, Tool
from audit.domain.profile_check import check_profile
from audit.domain.tool_versions import Definition, changed_shape
from chassis.errors import DomainError, FieldError, Kind
from chassis.profile_store import ProfileStore
from chassis.retention.periods import check_periods
from chassis.unit_of_work import Transaction

# Every version of every tool, each as it stood in the newest profile before the one that is being applied.
_DEFINITIONS = text(
    """
    select distinct on (tool ->> 'code', tool -> 'version') tool::text as tool, scale::text as scale
      from profile
     cross join jsonb_array_elements(document #> '{audit,tools}') as tools (tool)
      left join lateral jsonb_array_elements(document #> '{audit,scales}') as scales (scale)
             on scale ->> 'code' = tool ->> 'scale'
     where number < (select max(number) from profile)
     order by tool ->> 'code', tool -> 'version', number desc
    """
)


def _check(profile: AuditProfile) -> list[FieldError]:
    """What the models cannot see, periods too."""
    return [*check_profile(profile), *check_periods(profile.retention, DECLARED.service, DECLARED.kinds)]


class Profiles(ProfileStore[AuditProfile]):
    """Adds to the store that an audit can rely on the tool it began with."""

    def __init__(self) -> None:
        super().__init__(AuditProfile, _check)

    async def apply(self, transaction: Transaction, version: str, document: dict[str, Any], by: str) -> bool:
        """Apply a profile; a `DomainError` where a version of a tool that was in force would change its shape."""
        changed = await super().apply(transaction, version, document, by)
        # Afterwards, since the store now holds the lock that keeps another profile from being applied meanwhile.
        if changed:
            rows = (await transaction.connection.execute(_DEFINITIONS)).all()
            before = [definition_of(row.tool, row.scale) for row in rows]
            refuse_changed_shapes({(tool.code, tool.version): (tool, scale) for tool, scale in before}, self.parse(document))
        return changed


def definition_of(tool: str, scale: str | None) -> Definition:
    """A tool and its scale from JSON, as profiles hold them."""
    return (
        Tool.model_validate(orjson.loads(tool)),
        Scale.model_validate(orjson.loads(scale)) if scale is not None else None,
    )


def refuse_changed_shapes(before: Mapping[tuple[str, int], Definition], profile: AuditProfile) -> None:
    """Raise the `DomainError` that names every version of a tool that changed in more than its wording."""
    errors: list[FieldError] = []
    for place, tool in enumerate(profile.audit.tools):
        old = before.get((tool.code, tool.version))
        if old is not None:
            errors += changed_shape(old, (tool, profile.scale_of(tool)), f"/audit/tools/{place}")
    if errors:
        detail = "The profile was not applied; what was in force stays in force. See `errors`."
        raise DomainError("invalid-profile", detail, Kind.MALFORMED, tuple(errors))
