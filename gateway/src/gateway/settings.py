"""Settings of the gateway, from the environment (`LOOP_*`)."""

import ipaddress
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, IPvAnyNetwork, StringConstraints

from chassis.settings import DatabaseSettings, SettingsError
from gateway.domain.rates import Rate

SERVICES = ("audit", "feedback", "complaints", "reporting")


def _rate(value: str) -> str:
    Rate.parse(value)
    return value


RateText = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_rate)]
"""Requests a second, a slash, and how many may come at once: `500/1000`."""


class GatewaySettings(DatabaseSettings):
    """What the gateway needs; every field has its reason beside it."""

    port: int = Field(default=8400, ge=0, le=65535, description="Port of the gateway.")
    signing_key: Path = Field(description="File with the private key that signs identities.")
    upstreams: dict[str, str] = Field(description='Addresses of the services: {"audit": "http://host:port", ...}')
    operator_key_file: Path | None = Field(default=None, description="File with the operator's key; without it there is none.")
    demo_sign_in: bool = Field(
        default=False, description="Let anybody sign in as made-up people; on the loopback address only."
    )
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default_factory=list, description="Networks of load balancers whose X-Forwarded-For is believed, as a JSON list."
    )

    # Bodies. A batch of 1,000 outcomes with sections, themes and actions is about 2 MB of JSON.
    body_limit: int = Field(default=1 << 20, gt=0, description="Bytes of a request's body at most.")
    batch_body_limit: int = Field(default=8 << 20, gt=0, description="The same for a batch, a sheet, an upload.")
    # The same variable as the service's, so that both take as much.
    upload_megabytes: int = Field(default=64, ge=1, le=1000, description="The same for a form with files of a record.")

    # Seconds.
    connect_timeout: float = Field(default=3.0, gt=0, description="To open a connection to a service.")
    # When a hall full of families presses at once, waiting some seconds is kinder than a page that says "try again".
    turn_timeout: float = Field(default=15.0, gt=0, description="To get a connection, where all to a service are in use.")
    idle_timeout: float = Field(default=30.0, gt=0, description="Without a byte from a service, or from a caller's body.")
    total_timeout: float = Field(default=300.0, gt=0, description="For one whole exchange.")
    # 20 MB from a phone with half a megabit a second take six minutes.
    upload_timeout: float = Field(default=1800.0, gt=0, description="The same where files of a record are sent or fetched.")
    # The service ends one after 900 s by itself, and says so.
    export_timeout: float = Field(default=930.0, gt=0, description="The same where an export is fetched.")
    header_timeout: float = Field(default=10.0, gt=0, description="For a caller to send a request's headers.")
    keep_alive: float = Field(default=30.0, gt=0, description="That a caller's connection may wait for its next request.")
    # Less than the services' own keep-alive (75 s): who closes an idle connection first must be the gateway, or a POST
    # is lost now and then that may not be repeated.
    upstream_keep_alive: float = Field(default=30.0, gt=0, description="That a connection to a service is kept unused.")
    credential_ttl: float = Field(default=10.0, ge=0, description="That a checked credential is believed without asking again.")
    access_token_lifetime: int = Field(default=900, ge=600, le=1800, description="Of an OAuth2 access token.")
    session_lifetime: int = Field(default=8 * 3600, gt=0, description="Of a signed-in session.")

    connections_per_service: int = Field(default=100, gt=0, description="Open to one service at most.")
    connections: int = Field(default=2000, gt=0, description="Of callers at most.")

    # Requests a second / burst. Limits keep one caller from taking the place of all others; they are no quota.
    rate_client: RateText = Field(default="500/1000", description="Of one API client.")
    rate_session: RateText = Field(default="50/200", description="Of one signed-in session.")
    rate_survey: RateText = Field(default="20/100", description="Of one survey in one browser.")
    # A whole school or council office may sit behind one address.
    rate_address: RateText = Field(default="2000/10000", description="Of one address, over all of its anonymous requests.")
    rate_guesses: RateText = Field(default="1/120", description="Survey links and codes from one address that lead nowhere.")
    rate_refused: RateText = Field(default="1/60", description="Wrong credentials from one address.")

    @property
    def secure(self) -> bool:
        """Whether people reach the installation over https."""
        return self.public_url.startswith("https://")

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of the public address, as browsers send them in `Origin`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @classmethod
    def load(cls) -> Self:
        """Read the environment and refuse what would be unsafe; raises `SettingsError`."""
        settings = super().load()
        if settings.demo_sign_in and not is_loopback(settings.host):
            raise SettingsError(
                f"LOOP_DEMO_SIGN_IN lets anybody in as anybody, so it works on a loopback address only, and LOOP_HOST is "
                f"{settings.host}. Set LOOP_HOST=127.0.0.1, or LOOP_DEMO_SIGN_IN=false."
            )
        unknown = sorted(set(settings.upstreams) - set(SERVICES))
        if unknown:
            raise SettingsError(f"LOOP_UPSTREAMS names {', '.join(unknown)}; the services are {', '.join(SERVICES)}.")
        return settings


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
