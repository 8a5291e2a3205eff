"""Read an audit tool as its auditors see it: the version in force, or one that audits began with earlier."""

from dataclasses import dataclass

from audit.adapters.tools import Tools
from audit.domain.profile import AuditProfile, Scale, Tool
from chassis.errors import not_found
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class ToolRead:
    """A version of a tool with its scale. `in_force` is the version that new audits begin with, None when the tool is gone."""

    tool: Tool
    scale: Scale | None
    in_force: int | None
    versions: tuple[int, ...]

    @property
    def others(self) -> tuple[int, ...]:
        """The other versions that there ever were, the highest first."""
        return tuple(version for version in self.versions if version != self.tool.version)


async def read_tool(
    transaction: Transaction, tools: Tools, profile: AuditProfile, code: str, version: int | None = None
) -> ToolRead:
    """A version of a tool, the one in force where none is named. Raises `DomainError` (not-found).

    A tool that the profile has no longer is read in its last version: audits that began with it go on.
    """
    current = profile.tools.get(code)
    versions = await tools.versions(transaction, code)
    if not versions:
        raise not_found("audit tool")
    wanted = version or (current.version if current else versions[0])
    tool, scale = await tools.tool(transaction, code, wanted)
    return ToolRead(tool, scale, current.version if current else None, tuple(versions))
