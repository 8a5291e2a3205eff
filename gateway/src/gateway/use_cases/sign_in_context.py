"""What signing in at a provider needs, put together once a process."""

from dataclasses import dataclass

from chassis.errors import DomainError
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.settings import SettingsError
from chassis.tenancy import INSTALLATION, is_organisation
from chassis.unit_of_work import UnitOfWork
from gateway.access.sealing import Sealing
from gateway.adapters import profiles as stored
from gateway.domain.sign_in_profile import SignIn, SignInDocument
from gateway.oidc.client_auth import SecretFiles
from gateway.oidc.metadata import Directory
from gateway.oidc.provider import OpenIdClient
from gateway.oidc.transport import Transport
from gateway.settings import GatewaySettings


@dataclass(frozen=True)
class SignInContext:
    """The client of all providers, the keys, the organisations' profiles, and how long things last (seconds)."""

    uow: UnitOfWork
    client: OpenIdClient
    sealing: Sealing
    profiles: ProfileStore[SignInDocument]
    public_url: str
    attempt_seconds: int
    session_seconds: int
    session_idle: int
    sessions_per_person: int

    def callback(self, org: str, provider: str) -> str:
        """The redirect URI: one for each provider, so that an answer of one can never pass as another's (RFC 9700, 4.4)."""
        return f"{self.public_url}/sign-in/{org}/{provider}/callback"

    @property
    def signed_out(self) -> str:
        """Where a provider sends people back after they signed out there."""
        return f"{self.public_url}/signed-out"

    async def of(self, org: str) -> SignIn | None:
        """How people of an organisation sign in; None where it has not said, or does not exist."""
        if not is_organisation(org):
            return None
        async with self.uow.begin(org) as transaction:
            try:
                return (await self.profiles.current(transaction)).profile.sign_in
            except DomainError:
                return None

    async def organisations(self) -> list[tuple[str, str]]:
        """Code and name of the organisations whose people can sign in."""
        async with self.uow.begin(INSTALLATION) as transaction:
            return await stored.with_providers(transaction.connection)


def sign_in_context(settings: GatewaySettings, uow: UnitOfWork, profiles: ProfileStore[SignInDocument]) -> SignInContext | None:
    """The context, where signing in at providers is on. Raises SettingsError for a key that cannot be read."""
    if settings.sign_in != "provider" or settings.sign_in_secrets is None or settings.session_key_file is None:
        return None
    try:
        sealing = Sealing(Secrets.from_file(settings.session_key_file))
    except (OSError, ValueError) as error:
        raise SettingsError(f"LOOP_SESSION_KEY_FILE: {error}") from None
    transport = Transport(settings.sign_in_timeout, settings.sign_in_proxy)
    client = OpenIdClient(
        transport,
        Directory(transport, settings.sign_in_key_refetch),
        SecretFiles(settings.sign_in_secrets),
        settings.sign_in_leeway,
    )
    return SignInContext(
        uow,
        client,
        sealing,
        profiles,
        settings.public_url.rstrip("/"),
        settings.sign_in_lifetime,
        settings.session_lifetime,
        settings.session_idle,
        settings.sessions_per_person,
    )
