"""Keys of the feedback service: what is derived from the installation's master key for what."""

import base64

from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION

TEXT = "feedback-text"
"""Free texts of families, in drafts and in responses alike, so that a submit moves them as they are."""

LINKS = "feedback-issued-links"
"""Links inside the answer that an idempotency key repeats."""

FINGERPRINT = "feedback-fingerprint"

STAFF = "feedback-staff"
"""Names of those who looked at a worry, or wrote a questionnaire."""

STEP = "feedback-worry-step"
"""What somebody wrote at a step of a worry."""


SEND_ADDRESS = "feedback-send-address"
"""Where a message goes: a mail address or a mobile number."""

SEND_TOKEN = "feedback-send-token"  # noqa: S105 - a purpose
"""The token of a link that a message brings, and a reminder repeats."""

SEND_HINT = "feedback-send-hint"
"""What whoever issued a link is shown of its address."""

CONTACT = "feedback-contact"
"""Who asked to be contacted, how, and what about."""

CONTACT_STEP = "feedback-contact-step"
"""What somebody wrote at a step of such a request."""


QUOTE = "feedback-quote"
"""What is left of a comment after redaction, and what was said when a quote was sent back or withdrawn."""

CHANGE = "feedback-change"
"""What was changed because of feedback, in words, and why it was taken down."""


CALL_NOTE = "feedback-call-note"
"""What a caller noted for the next one."""

CALLER = "feedback-caller"
"""Callers as they stand in events."""


def seal_text(secrets: Secrets, org: str, text: str) -> str:
    """A free text as it is kept: encrypted, base64."""
    return base64.b64encode(secrets.seal(org, TEXT, text)).decode()


def open_text(secrets: Secrets, org: str, sealed: str) -> str:
    """A free text as it was written; raises `SealError`."""
    return secrets.open(org, TEXT, base64.b64decode(sealed))


def short_code_key(secrets: Secrets) -> bytes:
    """The installation's key of short codes: whose a code is must be found before its organisation is known."""
    return secrets.key(INSTALLATION, "feedback-short-code")


def visitor_key(secrets: Secrets) -> bytes:
    """The installation's key under which a visit's wrong codes are counted."""
    return secrets.key(INSTALLATION, "feedback-visitor")


def form_key(secrets: Secrets) -> bytes:
    """The installation's key of form tokens."""
    return secrets.key(INSTALLATION, "feedback-form")


def say_no_key(secrets: Secrets) -> bytes:
    """The installation's key of the addresses that end reminders."""
    return secrets.key(INSTALLATION, "feedback-say-no")


STAR_PERSON = "feedback-star-person"
"""References of people who have an outcome star: sealed by it, looked up and told of in events by its keyed hash."""

STAR_WORKER = "feedback-star-worker"
"""Who works with them: sealed by it, looked up by its keyed hash."""


def person_key(secrets: Secrets, org: str, reference: str) -> str:
    """The keyed pseudonym of a person's reference; capitals and spaces around make no difference."""
    return secrets.pseudonym(org, STAR_PERSON, " ".join(reference.split()).casefold())


def worker_key(secrets: Secrets, org: str, worker: str) -> str:
    """The keyed hash of who works with a person."""
    return secrets.pseudonym(org, STAR_WORKER, " ".join(worker.split()).casefold())
