"""What the use cases of disputes and acknowledgements are given besides the transaction; put together in bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from audit.adapters.named_people import PersonDirectory
from audit.domain.directory import Directory, Person
from audit.domain.dispute_access import Standing, Viewer
from audit.domain.profile import AuditProfile
from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

WRITE = "audit:disputes:write"
READ = "audit:disputes:read"
OFFICER = "role:qa-officer"
MANAGER = "role:manager"
SENIOR_READER = "role:senior-reader"


@dataclass(frozen=True)
class DisputeSetup:
    """Profiles, keys, and what day it is."""

    profiles: ProfileStore[AuditProfile]
    secrets: Secrets
    today: Callable[[], date]
    public_url: str

    def calendar(self) -> WorkingDays:
        """The calendar by which new results are counted: the newest version."""
        return WorkingDays.load()

    def directory(self, transaction: Transaction) -> Directory:
        """The staff directory of the transaction's organisation."""
        return PersonDirectory(transaction, self.secrets)

    def form_key(self, org: str) -> bytes:
        """The key by which the forms of an organisation's pages are known to be ours."""
        return self.secrets.key(org, "audit/forms")

    def content_key(self, org: str) -> bytes:
        """The key of the hashes by which two sendings are told apart."""
        return self.secrets.key(org, "audit/content")

    async def profile(self, transaction: Transaction) -> AuditProfile:
        """The profile in force."""
        return (await self.profiles.current(transaction)).profile

    async def viewer(self, transaction: Transaction, identity: Identity) -> Viewer:
        """Who the caller is, as far as disputes and acknowledgements go."""
        standing: Standing = "records"
        if identity.may(OFFICER, WRITE):
            standing = "everything"
        elif identity.may(MANAGER):
            standing = "own"
        person = await self.directory(transaction).by_subject(identity.subject) if identity.kind == "staff" else None
        return Viewer(standing, identity.subject, person, identity.areas)


async def known_person(directory: Directory, code: str | None, pointer: str) -> Person | None:
    """A person whom somebody names by code. Raises `unknown-person` for one who is not in the directory, or has left."""
    if code is None:
        return None
    person = (await directory.by_codes([code])).get(code)
    if person is None or not person.active:
        errors = (FieldError(pointer, f"'{code}' is nobody in the staff directory, or has left."),)
        detail = "Somebody is not in the staff directory. Nothing was stored. Choose another, or say in words who it is."
        raise DomainError("unknown-person", detail, Kind.MALFORMED, errors)
    return person
