"""Which version of an outcome counts: the highest that was posted. None is ever changed; a correction is a new one."""

from dataclasses import dataclass
from uuid import UUID

from audit.domain.outcome import Status
from chassis.errors import DomainError, Kind


@dataclass(frozen=True, slots=True)
class Current:
    """The version of an outcome that counts now."""

    outcome_id: UUID
    version: int
    digest: bytes
    service_area: str


def decide(current: Current | None, version: int, digest: bytes) -> Status:
    """What a posted version does to what is there.

    Raises `DomainError`: `version-conflict` for the current version with other content, `version-superseded` for an older one.
    Both say which version is current (also as `current_version`).
    """
    if current is None:
        return "recorded"
    if version > current.version:
        return "corrected"
    at = {"current_version": current.version}
    if version < current.version:
        detail = (
            f"Version {current.version} is already recorded, and version {version} is older. Nothing was changed. "
            f"To correct the outcome post it with version {current.version + 1} or higher."
        )
        raise DomainError("version-superseded", detail, Kind.CONFLICT, extra=at)
    if digest != current.digest:
        detail = (
            f"Version {current.version} is already recorded with other content. Nothing was changed. "
            f"To correct the outcome post it with version {current.version + 1} or higher."
        )
        raise DomainError("version-conflict", detail, Kind.CONFLICT, extra=at)
    return "unchanged"
