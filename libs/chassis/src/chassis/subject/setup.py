"""What pages and routes of people's rights are given, put together once for an application; and what both do."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.calendar import WorkingDays
from chassis.days import british_today
from chassis.errors import DomainError, FieldError, Kind
from chassis.secrets import Secrets
from chassis.subject import package
from chassis.subject.clock import OutsideCalendarError, due_on
from chassis.subject.declaring import Subject
from chassis.subject.matching import LONGEST, MOST, Asked
from chassis.subject.package import Package
from chassis.subject.store import Wanted
from chassis.subject.tables import RIGHTS
from chassis.unit_of_work import UnitOfWork
from chassis.uploads import UploadStore

ROLE = "role:data-protection"
READ, WRITE = "subject:read", "subject:write"
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
AT_ONCE = 2
"""Packages that a process makes at a time: each occupies one thread of the few that there are."""


@dataclass
class SubjectDesk:
    """Of one service."""

    subject: Subject
    secrets: Secrets
    today: Callable[[], date] = british_today
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def service(self) -> str:
        """The service's name, which its addresses begin with."""
        return self.subject.service

    @property
    def searches(self) -> UploadStore:
        """Where proposals of a search are kept, sealed, for a day."""
        return UploadStore(self.secrets, "subject-search")

    def form_key(self, org: str) -> bytes:
        """The key of an organisation's form tokens."""
        return self.secrets.key(org, "subject/forms")

    def due(self, starts_on: date, *, extended: bool = False) -> date:
        """The last day to answer. Raises `DomainError` outside-calendar."""
        try:
            return due_on(starts_on, WorkingDays.load(), extended=extended)
        except OutsideCalendarError as error:
            raise DomainError("outside-calendar", f"No clock can be counted: {error}.", Kind.MALFORMED) from None

    def wanted(self, reference: str, entitlement: str, received_on: date, starts_on: date | None, asked: Asked) -> Wanted:
        """A request as it is opened. Raises `DomainError` malformed-request with every wrong place."""
        starts = starts_on or received_on
        today = self.today()
        checks = (
            ("/reference", REFERENCE.fullmatch(reference), "Use letters, digits and . _ - only, 80 at most"),
            ("/entitlement", entitlement in RIGHTS, f"Choose one of: {', '.join(RIGHTS)}"),
            ("/received_on", received_on <= today, "That is in the future"),
            ("/starts_on", received_on <= starts <= today, "It cannot be before the request came, nor in the future"),
            ("/asked", bool(asked), "Say what is known of the person: a name, a way to reach them, a reference or a sign-in"),
            *(("/asked", len(each) <= MOST, f"At most {MOST} of each") for each in asked.as_dict().values()),
            ("/asked", all(len(item) <= LONGEST for each in asked.as_dict().values() for item in each), "That is too long"),
        )
        wrong = tuple(FieldError(at, words) for at, fine, words in checks if not fine)
        if wrong:
            raise DomainError("malformed-request", "Something is missing or wrong. Nothing was stored.", Kind.MALFORMED, wrong)
        return Wanted(reference, entitlement, received_on, starts, self.due(starts), asked)

    async def package(self, uow: UnitOfWork, org: str, request: UUID, passphrase: str) -> Package:
        """Make a package. Raises `DomainError` weak-passphrase for one that was not made here."""
        if not package.PASSPHRASE.fullmatch(passphrase):
            detail = "The passphrase has to be one that was made for this: open the page, or use the command, again."
            raise DomainError("weak-passphrase", detail, Kind.MALFORMED)
        async with self._turns:
            return await package.make(uow, org, self.subject, self.secrets, request, passphrase)


def lines_in(typed: str) -> tuple[str, ...]:
    """What was typed one a line, without empty ones and repetitions."""
    return tuple(dict.fromkeys(" ".join(line.split()) for line in typed.splitlines() if line.strip()))
