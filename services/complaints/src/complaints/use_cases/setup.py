"""What use cases are given besides the transaction; put together in bootstrap."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from complaints.adapters.complaint_record import Record
from complaints.adapters.intake_sealing import STAFF, open_text
from complaints.domain.case import Rules, StageRules
from complaints.domain.profile import Profile

_REASON = "complaints/reason"


@dataclass(frozen=True)
class Setup:
    """Profiles, keys, what day it is, and where people reach the installation."""

    profiles: ProfileStore[Profile]
    secrets: Secrets
    today: Callable[[], date]
    public_url: str = ""

    def calendar(self) -> WorkingDays:
        """The calendar by which new results are counted: the newest version."""
        return WorkingDays.load()

    def form_key(self, org: str) -> bytes:
        """The key by which the forms of an organisation's pages are known to be ours."""
        return self.secrets.key(org, "complaints/forms")

    def seal_reason(self, org: str, reason: str | None) -> bytes | None:
        """Encrypt a reason in free text for its column."""
        return None if reason is None else self.secrets.seal(org, _REASON, reason)

    def seal_name(self, org: str, identity: Identity) -> bytes | None:
        """Encrypt the name of whoever signed in, for the column beside what they recorded; None of a system without one."""
        return self.secrets.seal(org, STAFF, identity.label) if identity.label else None

    def open_name(self, org: str, sealed: bytes | None, subject: str) -> str:
        """The name of whoever recorded something; their sign-in where none was kept."""
        return open_text(self.secrets, org, STAFF, sealed) or subject

    def open_reason(self, org: str, sealed: bytes | None) -> str | None:
        """Decrypt a reason."""
        return None if sealed is None else self.secrets.open(org, _REASON, sealed)


def rules_of(profile: Profile, record: Record) -> Rules:
    """The rules of a complaint's procedure.

    Should the procedure have been taken out of the profile, what has begun goes on by the terms with which it began.
    """
    procedure = profile.procedure(record.procedure)
    if procedure is not None:
        return procedure.rules()
    begun = (StageRules(stage.number, stage.terms, None, can_decline=False) for stage in record.stages)
    return Rules(record.procedure, record.formality, tuple(begun))


@contextmanager
def within_calendar() -> Iterator[None]:
    """Answer a date beyond the years for which bank holidays are known with `outside-calendar`."""
    try:
        yield
    except OutsideCalendarError as error:
        raise DomainError("outside-calendar", f"No clock can be counted: {error}.", Kind.MALFORMED) from None
