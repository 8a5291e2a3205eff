"""What the use cases of improvement plans are given besides the transaction; put together in bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from chassis.days import british_today
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from reporting.adapters.staff_directory import StaffDirectory
from reporting.domain.profile import Profile


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class PlanSetup:
    """Profiles, keys, who works here, and what day it is."""

    profiles: ProfileStore[Profile]
    secrets: Secrets
    staff: StaffDirectory
    today: Callable[[], date] = british_today
    now: Callable[[], datetime] = _now
