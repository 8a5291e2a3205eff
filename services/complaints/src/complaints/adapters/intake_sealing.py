"""What of an intake is sealed, under which purpose, and how it is laid out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from chassis.secrets import SealError, Secrets
from chassis.tenancy import INSTALLATION

DETAILS = "complaints/representation"
PERSON = "complaints/person"
STAFF = "complaints/staff-name"
REASON = "complaints/reason"
DRAFT = "complaints/draft"
LOST = "This cannot be opened: the key that sealed it is not here. Ask the operator."


@dataclass(frozen=True)
class Details:
    """What was said, in the sender's words."""

    narrative: str = field(default="", repr=False)
    desired: str = field(default="", repr=False)
    about: str = field(default="", repr=False)

    @property
    def words(self) -> str:
        """Everything that was written, for the word list."""
        return f"{self.narrative}\n{self.desired}\n{self.about}"


@dataclass(frozen=True)
class Contact:
    """A person from outside and how to reach them."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    note: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        """Whether anything is known of them."""
        return any(asdict(self).values())


def seal_details(secrets: Secrets, org: str, details: Details) -> bytes:
    """The words of a representation for their column."""
    return secrets.seal(org, DETAILS, json.dumps(asdict(details)))


def open_details(secrets: Secrets, org: str, sealed: bytes) -> Details:
    """The words of a representation; a note in their place where the key was lost."""
    return Details(**_opened(secrets, org, DETAILS, sealed, "narrative"))


def seal_contact(secrets: Secrets, org: str, contact: Contact) -> bytes:
    """A person for their column."""
    return secrets.seal(org, PERSON, json.dumps(asdict(contact)))


def open_contact(secrets: Secrets, org: str, sealed: bytes) -> Contact:
    """A person; a note in the place of the name where the key was lost."""
    return Contact(**_opened(secrets, org, PERSON, sealed, "name"))


def open_text(secrets: Secrets, org: str, purpose: str, sealed: bytes | None) -> str:
    """A sealed text; empty for none, a note where the key was lost."""
    if sealed is None:
        return ""
    try:
        return secrets.open(org, purpose, bytes(sealed))
    except SealError:
        return LOST


def form_key(secrets: Secrets) -> bytes:
    """The key of the tokens of forms."""
    return secrets.key(INSTALLATION, "complaints/forms")


def _opened(secrets: Secrets, org: str, purpose: str, sealed: bytes, place: str) -> Mapping[str, str]:
    try:
        found: dict[str, str] = json.loads(secrets.open(org, purpose, bytes(sealed)))
    except SealError:
        return {place: LOST}
    return found
