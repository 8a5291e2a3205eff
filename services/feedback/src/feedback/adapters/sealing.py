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
"""Names of those who looked at a worry."""

STEP = "feedback-worry-step"
"""What somebody wrote at a step of a worry."""


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
