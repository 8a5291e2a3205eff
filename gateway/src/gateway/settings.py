"""Settings of the gateway, from the environment (`LOOP_*`)."""

import ipaddress
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, IPvAnyNetwork, StringConstraints

from chassis.retention.kinds import TRAIL
from chassis.settings import (
    Bytes,
    DatabaseSettings,
    Megabytes,
    Months,
    Seconds,
    SecretFile,
    Settings,
    SettingsError,
    Unit,
    WholeSeconds,
)
from gateway import routing
from gateway.domain.rates import Rate
from gateway.domain.webhook_addresses import PORTS
from gateway.routing import RouteRule

INSIDE = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""This machine, and networks that are not routed in the internet (RFC 1918, RFC 4193)."""

SERVICES = ("audit", "feedback", "complaints", "reporting")


def _rate(value: str) -> str:
    Rate.parse(value)
    return value


RateText = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_rate), Unit("requests a second/at once")]
"""Requests a second, a slash, and how many may come at once: `500/1000`."""

BytesASecond = Annotated[int, Unit("bytes a second")]
SecretFolder = Annotated[Path, Unit("of a folder with secrets")]

WebhookHosts = tuple[Annotated[str, StringConstraints(to_lower=True, pattern=r"^(\*|\.?[A-Za-z0-9][A-Za-z0-9.-]*)$")], ...]
"""Names of servers; one with a full stop in front is all below it, and `*` is any."""


class WebhookSettings(Settings):
    """What the gateway and its worker have to be told alike: what seals subscriptions, and where their messages may go."""

    webhook_key_file: SecretFile | None = Field(
        default=None,
        description="File with the key for webhooks of before there was a ring, base64 of 32 random bytes.",
    )
    key_ring_file: Path | None = Field(
        default=None, description="File with the gateway's wrapped keys; `loop keys` writes it. It seals webhooks."
    )
    key_encryption: tuple[str, ...] = Field(
        default=(), description='Key-encryption keys as JSON: ["file:/run/secrets/kek", "vault:https://…"]; the first wraps.'
    )
    webhook_hosts: WebhookHosts | None = Field(
        default=None,
        description='Names that webhooks may go to, as JSON: ["cms.example.gov.uk", ".vendor.org"], ["*"]: any.',
    )


class GatewaySettings(DatabaseSettings, WebhookSettings):
    """What the gateway needs; every field has its reason beside it."""

    port: int = Field(default=8400, ge=0, le=65535, description="Port of the gateway.")
    signing_key: SecretFile = Field(description="File with the private key that signs identities.")
    upstreams: dict[str, str] = Field(description='Addresses of the services: {"audit": "http://host:port", ...}')
    workers: dict[str, str] = Field(
        default_factory=dict,
        description='Addresses of the workers, for the operator\'s page: {"audit": "http://host:port", ...}, gateway too.',
    )
    runbooks_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s]+$",
        description="Folder with your copy of docs/runbooks on the web, for links on the operator's page.",
    )
    operator_key_file: SecretFile | None = Field(
        default=None, description="File with the operator's key; without it there is none."
    )
    # One key opens every organisation: whoever finds it should need a place inside as well.
    operator_networks: list[IPvAnyNetwork] = Field(
        default_factory=lambda: [ip_network(each) for each in INSIDE],
        description="Networks from which the operator's key counts, as a JSON list; by default this machine and private ones.",
    )
    operator_second_factor: Literal["required", "offered"] | None = Field(
        default=None,
        description="Whether every operator needs a second factor; unset: required where people come by https.",
    )
    routes: tuple[RouteRule, ...] | None = Field(
        default=None, description='Which prefix goes to which service, as JSON: [{"prefix": "audit", "service": "audit"}, …].'
    )
    demo_sign_in: bool = Field(
        default=False, description="Let anybody sign in as made-up people; on the loopback address only."
    )
    trail_key_file: SecretFile | None = Field(
        default=None,
        description="File with the key that seals the trail, base64 of 32 random bytes; else it follows from the signing key.",
    )
    # A year at least, as for the services' trails (chassis.retention.kinds.TRAIL).
    trail_keep_months: Months | None = Field(
        default=None,
        ge=TRAIL.at_least,
        le=1200,
        description="Months after which entries of the trail go; unset: kept for good.",
    )
    trail_held: frozenset[str] = Field(
        default=frozenset(),
        description='Organisations whose trail stays whole, for a legal hold, as JSON: ["north"]; "*": the installation.',
    )
    forward_auth_key_file: SecretFile | None = Field(
        default=None, description="File with the key by which a proxy may ask who a caller is; without it none may."
    )
    sign_in_secrets: SecretFolder | None = Field(
        default=None, description="Folder of what providers know us by, one folder an organisation in it; it turns sign-in on."
    )
    session_key_file: SecretFile | None = Field(
        default=None, description="File with the gateway's own key for names of who is signed in, base64 of 32 random bytes."
    )
    sign_in_proxy: str | None = Field(default=None, description="Proxy for requests to providers (http://host:port).")
    hsts_subdomains: bool = Field(
        default=True, description="Tell browsers to use https for every name below this host too (HSTS includeSubDomains)."
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port for /metrics and /readyz alone, for the monitor; no proxy may pass it on. 0: none.",
    )
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default_factory=list, description="Networks of load balancers whose X-Forwarded-For is believed, as a JSON list."
    )

    client_cert_header: str = Field(
        default="Client-Cert",
        pattern=r"^[A-Za-z0-9-]{1,60}$",
        description="Header with the certificate of mutual TLS (RFC 9440).",
    )
    client_cert_hops: list[IPvAnyNetwork] = Field(
        default_factory=list,
        description="Networks of who ends mutual TLS before the gateway and sets that header, as a JSON list.",
    )

    webhook_loopback: bool = Field(default=False, description="Webhooks may go to this machine, also by http.")
    webhook_ports: frozenset[int] = Field(default=PORTS, description="Ports that webhooks may go to, as a JSON list.")

    # Bodies. A batch of 1,000 outcomes with sections, themes and actions is about 2 MB of JSON.
    body_limit: Bytes = Field(default=1 << 20, gt=0, description="Size of a request's body at most.")
    batch_body_limit: Bytes = Field(
        default=8 << 20, gt=0, description="Size of the body of a batch, a sheet, an upload at most."
    )
    # The same variable as the service's, so that both take as much.
    upload_megabytes: Megabytes = Field(
        default=64, ge=1, le=1000, description="Size of one form with files of a record at most; say the same to the service."
    )

    # Seconds.
    connect_timeout: Seconds = Field(default=3.0, gt=0, description="How long it may take to open a connection to a service.")
    # When a hall full of families presses at once, waiting some seconds is kinder than a page that says "try again".
    turn_timeout: Seconds = Field(
        default=15.0, gt=0, description="How long a request waits for a connection, where all to a service are in use."
    )
    idle_timeout: Seconds = Field(
        default=30.0,
        gt=0,
        description="How long nothing may come from a service, or of a caller's body, before it is given up.",
    )
    total_timeout: Seconds = Field(default=300.0, gt=0, description="How long one whole exchange may take.")
    # 20 MB from a phone with half a megabit a second take six minutes.
    upload_timeout: Seconds = Field(
        default=1800.0, gt=0, description="How long it may take where files of a record are sent or fetched."
    )
    # The service ends one after 900 s by itself, and says so.
    export_timeout: Seconds = Field(default=930.0, gt=0, description="How long it may take where an export is fetched.")
    header_timeout: Seconds = Field(default=10.0, gt=0, description="How long a caller may take to send a request's headers.")
    keep_alive: Seconds = Field(default=30.0, gt=0, description="How long a caller's connection may wait for its next request.")
    # Less than the services' own keep-alive (75 s): who closes an idle connection first must be the gateway, or a POST
    # is lost now and then that may not be repeated.
    upstream_keep_alive: Seconds = Field(
        default=30.0, gt=0, description="How long a connection to a service is kept unused; less than the service's own 75."
    )
    credential_ttl: Seconds = Field(
        default=10.0, ge=0, description="How long a checked credential is believed without asking the database again."
    )
    access_token_lifetime: WholeSeconds = Field(default=900, ge=600, le=1800, description="How long an access token counts.")
    session_lifetime: WholeSeconds = Field(
        default=8 * 3600, gt=0, description="How long somebody stays signed in, whatever they do."
    )
    session_idle: WholeSeconds = Field(
        default=3600, ge=60, description="After how long without a request somebody is signed out."
    )
    sessions_per_person: int = Field(default=10, ge=1, le=100, description="Sessions of somebody at once; the oldest ends.")
    session_proof: WholeSeconds = Field(
        default=900,
        ge=60,
        description="How long after showing who they are somebody may end their sessions elsewhere.",
    )
    sign_in_lifetime: WholeSeconds = Field(
        default=600, ge=60, le=3600, description="How long somebody may take at their provider to sign in."
    )
    sign_in_timeout: Seconds = Field(default=10.0, gt=0, description="How long a provider may take to answer.")
    sign_in_leeway: Seconds = Field(
        default=30.0, ge=0, le=300, description="By how much a provider's clock may differ from ours."
    )
    sign_in_key_refetch: Seconds = Field(
        default=30.0, ge=0, description="At least so long lies between two looks for an unknown key of a provider."
    )

    connections_per_service: int = Field(default=100, gt=0, description="Connections open to one service at most.")
    # What waits holds up to 64 KiB of body each, and a place in the hall: more than this is told to come back.
    queue_per_service: int = Field(default=400, ge=0, description="Requests that wait for one of these connections at most.")
    uploads_per_service: int = Field(default=50, gt=0, description="Of these connections, for large bodies at most.")
    connections: int = Field(default=2000, gt=0, description="Connections of callers at most.")
    # A whole council may sit behind one address; a trusted proxy is none of these.
    connections_per_address: int = Field(
        default=500, gt=0, description="Connections of callers at one address at most; a trusted proxy is none of these."
    )
    stall_timeout: Seconds = Field(default=30.0, gt=0, description="How long a caller may leave an answer unread.")
    body_rate: BytesASecond = Field(
        default=1024, ge=0, description="How fast a large body must come, after its first 30 seconds; 0: as slow as it likes."
    )
    breaker_failures: int = Field(
        default=5, gt=0, description="Failures in a row after which a service is not asked for a while."
    )
    breaker_seconds: Seconds = Field(default=5.0, gt=0, description="How long that while is, at first.")

    # Requests a second / burst. Limits keep one caller from taking the place of all others; they are no quota.
    rate_client: RateText = Field(default="500/1000", description="Requests of one API client.")
    rate_session: RateText = Field(default="50/200", description="Requests of one signed-in session.")
    rate_survey: RateText = Field(default="20/100", description="Requests of one survey in one browser.")
    # A whole school or council office may sit behind one address.
    rate_address: RateText = Field(default="2000/10000", description="Anonymous requests of one address, all together.")
    rate_guesses: RateText = Field(default="1/120", description="Survey links and codes from one address that lead nowhere.")
    # One form begins once and is sent once: thirty people in a library at once, and then six a minute.
    rate_form: RateText = Field(default="0.2/60", description="Public forms that are begun and sent from one address.")
    rate_settle: Seconds = Field(
        default=0.5, ge=0, description="How often gateways tell each other what passed; 0: each counts for itself."
    )
    rate_refused: RateText = Field(default="1/60", description="Wrong credentials from one address.")

    @property
    def sign_in(self) -> Literal["none", "demo", "provider"]:
        """How staff sign in. Never two ways at once: with the demonstration's, anybody could be anybody of a real council."""
        if self.demo_sign_in:
            return "demo"
        return "provider" if self.sign_in_secrets else "none"

    @property
    def secure(self) -> bool:
        """Whether people reach the installation over https."""
        return self.public_url.startswith("https://")

    @property
    def webhook_names(self) -> tuple[str, ...] | None:
        """Where new webhooks may go; None: anywhere. Where people come by https, somebody must have said so."""
        return () if self.webhook_hosts is None and self.secure else self.webhook_hosts

    @property
    def second_factor(self) -> bool:
        """Whether an operator's key alone opens nothing."""
        return self.secure if self.operator_second_factor is None else self.operator_second_factor == "required"

    @property
    def transport(self) -> Literal["subdomains"] | bool:
        """What browsers are told to keep: https for this host, or for every name below it as well."""
        return "subdomains" if self.secure and self.hsts_subdomains else self.secure

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of the public address, as browsers send them in `Origin`."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def route_rules(self) -> tuple[RouteRule, ...]:
        """The routes that are set, or the usual ones."""
        if self.routes is not None:
            return self.routes
        # Files, and a little for what stands around them.
        files = (self.upload_megabytes + 1) << 20
        seconds = {"upload_seconds": self.upload_timeout, "export_seconds": self.export_timeout}
        return routing.usual(batch=self.batch_body_limit, files=files, **seconds)

    def check(self) -> None:
        """Refuse what would be unsafe; raises `SettingsError`."""
        if self.demo_sign_in and not is_loopback(self.host):
            raise SettingsError(
                f"LOOP_DEMO_SIGN_IN lets anybody in as anybody, so it works on a loopback address only, and LOOP_HOST is "
                f"{self.host}. Set LOOP_HOST=127.0.0.1, or LOOP_DEMO_SIGN_IN=false."
            )
        self.check_public_url()
        self.check_sign_in()
        check_loopback(self.public_url, webhooks=self.webhook_loopback)
        unknown = sorted(set(self.upstreams) - set(SERVICES))
        if unknown:
            raise SettingsError(f"LOOP_UPSTREAMS names {', '.join(unknown)}; the services are {', '.join(SERVICES)}.")
        unknown = sorted(set(self.workers) - {*SERVICES, "gateway"})
        if unknown:
            raise SettingsError(f"LOOP_WORKERS names {', '.join(unknown)}; they are {', '.join(SERVICES)} and gateway.")
        if self.forward_auth_key_file and not self.trusted_proxies:
            raise SettingsError(
                "LOOP_FORWARD_AUTH_KEY_FILE lets a proxy ask who a caller is, and LOOP_TRUSTED_PROXIES says which may. "
                "Set it to the networks of the proxies, or leave the key out."
            )
        try:
            routing.check(self.route_rules, self.upstreams, SERVICES)
        except routing.RoutesError as error:
            raise SettingsError(str(error)) from None
        super().check()

    def inside_addresses(self) -> list[tuple[str, str]]:
        """The services, and the workers."""
        named = (("LOOP_UPSTREAMS", self.upstreams), ("LOOP_WORKERS", self.workers))
        return [*super().inside_addresses(), *((name, each) for name, known in named for each in known.values())]

    def check_public_url(self) -> None:
        """Refuse an address of the outside without TLS, for people and for systems; raises `SettingsError`."""
        if self.secure:
            return
        if not is_loopback(urlsplit(self.public_url).hostname or ""):
            raise SettingsError(
                f"LOOP_PUBLIC_URL is {self.public_url}: it must begin with https://, or keys and names could be "
                "read on the way. Only this machine itself (http://127.0.0.1:8400) may go without."
            )
        if not is_loopback(self.host):
            raise SettingsError(
                f"LOOP_HOST is {self.host}, so others reach this gateway: LOOP_PUBLIC_URL must say at which https:// address."
            )

    def check_sign_in(self) -> None:
        """Refuse two ways of signing in, and one that would not protect who is signed in; raises `SettingsError`."""
        if self.sign_in_secrets is None:
            return
        if self.demo_sign_in:
            raise SettingsError(
                "LOOP_DEMO_SIGN_IN lets anybody in as anybody, and LOOP_SIGN_IN_SECRETS lets in who a provider knows. Set one."
            )
        if self.session_key_file is None:
            raise SettingsError("LOOP_SESSION_KEY_FILE is missing: with LOOP_SIGN_IN_SECRETS, names are kept, and kept sealed.")
        if not self.sign_in_secrets.is_dir():
            raise SettingsError(f"LOOP_SIGN_IN_SECRETS names {self.sign_in_secrets}, which is no folder.")


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_loopback(public_url: str, *, webhooks: bool) -> None:
    """Refuse webhooks to this machine from an installation that others reach; raises `SettingsError`."""
    if webhooks and not is_loopback(urlsplit(public_url).hostname or ""):
        raise SettingsError(
            f"LOOP_WEBHOOK_LOOPBACK lets webhooks call this machine, and LOOP_PUBLIC_URL is {public_url}. Leave one out: it "
            "is for demonstrations and tests on one machine."
        )
