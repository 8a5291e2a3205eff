"""What the feedback service's use cases work with, put together once in bootstrap."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request

from chassis.secrets import Secrets
from chassis.uploads import UploadStore
from feedback.adapters.profiles import Profiles

TOLD_KEPT = timedelta(hours=8)
"""How long links that were issued can be fetched: a working day. Then only their hashes are left."""


@dataclass(frozen=True)
class Context:
    """Keys, profiles, and the address at which families reach the installation."""

    secrets: Secrets
    profiles: Profiles
    public_url: str

    @property
    def uploads(self) -> UploadStore:
        """Sheets of letters that wait for a yes."""
        return UploadStore(self.secrets, "letters")

    @property
    def call_sheets(self) -> UploadStore:
        """Sheets of calls that wait for a yes."""
        return UploadStore(self.secrets, "calls")

    @property
    def told(self) -> UploadStore:
        """Links that were issued, sealed, for whoever issued them."""
        return UploadStore(self.secrets, "issued-links", TOLD_KEPT)

    @property
    def secure(self) -> bool:
        """Whether families come over HTTPS, so that cookies are sent over nothing else."""
        return self.public_url.startswith("https://")


def context_of(request: Request) -> Context:
    """The context of the application that handles a request."""
    found: Context = request.app.state.feedback
    return found
