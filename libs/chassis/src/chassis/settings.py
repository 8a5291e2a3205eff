"""Settings of a process, from the environment only.

A service subclasses `ServiceSettings`; every variable begins with `LOOP_`. Secrets come as paths of files or as values that
are never printed; such a value may lie in a file too, which the variable with `_FILE` behind its name names.
"""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as SettingsSourceError

from chassis import inside
from chassis.log_shipping import check_address
from chassis.tracing import check_endpoint


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number of a setting is in; docs/configuration.md shows it. A number without one counts things."""

    name: str


Seconds = Annotated[float, Unit("seconds")]
WholeSeconds = Annotated[int, Unit("seconds")]
Days = Annotated[int, Unit("days")]
Months = Annotated[int, Unit("months")]
Megabytes = Annotated[int, Unit("megabytes")]
Bytes = Annotated[int, Unit("bytes")]
Share = Annotated[float, Unit("as a share of 1")]
SecretFile = Annotated[Path, Unit("of a file with a secret")]


class SettingsError(SystemExit):
    """The process cannot start: says which variable is wrong and how."""


def secret_from_environment(name: str) -> str | None:
    """A secret of the environment: `name` itself, or the content of the file that `name` with `_FILE` names; None without both.

    White space around the content does not count. Raises `SettingsError` where both are there, or the file is not.
    """
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if path is None:
        return value
    if value is not None:
        raise SettingsError(f"{name} and {name}_FILE are both set; one of them counts, so take the other out.")
    try:
        content = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{name}_FILE names {path}, which cannot be read: {why}.") from None
    if not content:
        raise SettingsError(f"{name}_FILE names {path}, which is empty.")
    return content


def database_url() -> str:
    """LOOP_DATABASE_URL, for jobs without settings. Raises `SettingsError` where nothing names a database."""
    if (found := secret_from_environment("LOOP_DATABASE_URL")) is None:
        raise SettingsError("Name the database in LOOP_DATABASE_URL, or a file with that in LOOP_DATABASE_URL_FILE.")
    return found


class _SecretFiles(PydanticBaseSettingsSource):
    """Values of the fields that hold a secret, where a file was named for them: a secrets manager can put it there."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = f"{self.config.get('env_prefix', '')}{field_name}".upper()
        is_secret = field.annotation in (SecretStr, SecretStr | None) and f"{name}_FILE" in os.environ
        return secret_from_environment(name) if is_secret else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class NavigationEntry(BaseModel):
    """One entry of the navigation of staff pages, for those who hold one of the grants.

    Entries of one `group` stand under its name, where somebody may go to more than one of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    href: str = Field(pattern=r"^/[a-z0-9/-]*$")
    grants: tuple[str, ...]
    group: str = ""


class Settings(BaseSettings):
    """What every process needs."""

    model_config = SettingsConfigDict(env_prefix="LOOP_", extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(  # noqa: D102 - as its base says
        cls, settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource, env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource, file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        del dotenv_settings, file_secret_settings  # nothing is read from where no variable points
        return init_settings, _SecretFiles(settings_cls), env_settings

    host: str = Field(default="127.0.0.1", description="Address of this machine on which the process listens; 0.0.0.0: all.")
    port: int = Field(default=0, ge=0, le=65535, description="Port of the web process; 0: any that is free.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that a line must be to be written."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="One JSON object a line for machines, or coloured lines for somebody at a terminal."
    )
    log_to: str | None = Field(
        default=None, description="Where log lines are sent besides, by syslog: tls://logs.example.gov.uk:6514."
    )
    log_ca: Path | None = Field(default=None, description="Authority (PEM) of that system, where the machine knows it not.")
    traces_endpoint: str | None = Field(
        default=None,
        description="Where traces are sent, by OTLP over HTTP: https://traces.example.gov.uk:4318; unset: nowhere.",
    )
    traces_ratio: Share = Field(default=0.1, ge=0, le=1, description="How much of what begins here is traced.")
    traces_ca: Path | None = Field(default=None, description="Authority (PEM) of that system, where the machine knows it not.")
    traces_authorization: SecretStr | None = Field(default=None, description="Header Authorization for it: `Bearer …`.")
    public_url: str = Field(
        default="http://127.0.0.1:8400",
        description="Address at which people reach the installation; links in mails and letters begin with it.",
    )
    identity_keys: Path = Field(
        description="File (JSON) with the public keys of those who may issue identities: the gateway, and reporting."
    )
    signing_key: SecretFile | None = Field(
        default=None, description="File (JWK) with this process' own private key, by which others know it."
    )
    navigation: tuple[NavigationEntry, ...] = Field(
        default=(), description='Ways between the staff pages as JSON: [{"text": …, "href": "/…/", "grants": ["role:…"]}, …].'
    )
    inside_ca: Path | None = Field(
        default=None, description="Authority (PEM) that signed the certificates of our services, PostgreSQL, NATS, the scanner."
    )
    inside_certificate: Path | None = Field(default=None, description="Certificate (PEM) with which this process listens.")
    inside_key: SecretFile | None = Field(default=None, description="Its key, where it is in a file of its own.")
    plain_inside: bool = Field(
        default=False, description="Let things pass between machines in the clear, since something else protects the network."
    )
    grace_seconds: Seconds = Field(default=10.0, description="How long a stopping process finishes what it has begun.")
    drain_seconds: Seconds = Field(default=120.0, description="How long a drained process (SIGUSR1) waits for its connections.")
    listen_fd: int | None = Field(default=None, description="Descriptor of a socket that listens, instead of host and port.")
    ready_fd: int | None = Field(default=None, description="Descriptor to which a byte is written when connections are taken.")

    @field_validator("log_to")
    @classmethod
    def _may_be_sent_to(cls, value: str | None) -> str | None:
        return None if value is None else check_address(value)

    @field_validator("traces_endpoint")
    @classmethod
    def _may_be_traced_to(cls, value: str | None) -> str | None:
        return None if value is None else check_endpoint(value)

    @classmethod
    def load(cls) -> Self:
        """Read the environment; a `SettingsError` names every variable that is missing or wrong."""
        try:
            settings = cls()
        except ValidationError as error:
            lines = [f"{cls.__name__}: the environment does not fit."]
            for detail in error.errors(include_input=False, include_url=False):
                # What is wrong between several variables stands at no place; its message names them.
                name = f"LOOP_{'_'.join(str(part) for part in detail['loc']).upper()}: " if detail["loc"] else ""
                lines.append(f"  {name}{detail['msg']}")
            raise SettingsError("\n".join(lines)) from None
        except SettingsSourceError as error:
            # A variable that holds JSON, and does not; the message says which field, and not what it held.
            raise SettingsError(f"{cls.__name__}: {_variable(error)}: expected JSON.") from None
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse what would be unsafe, or is not decided; raises `SettingsError`. A process checks its own before."""
        self.check_inside()

    def inside_addresses(self) -> list[tuple[str, str]]:
        """Variables with the addresses of our own servers and services that this process calls."""
        return [] if self.traces_endpoint is None else [("LOOP_TRACES_ENDPOINT", self.traces_endpoint)]

    def clear_inside(self) -> list[str]:
        """What would pass between machines in the clear, each by its variable."""
        listens = None if self.inside_certificate else self.host
        return inside.in_the_clear(listens=listens, addresses=self.inside_addresses())

    def check_inside(self) -> None:
        """Refuse to carry anything in the clear between machines by oversight; raises `SettingsError`."""
        inside_files = (("CA", self.inside_ca), ("CERTIFICATE", self.inside_certificate), ("KEY", self.inside_key))
        for name, path in (*((f"INSIDE_{name}", path) for name, path in inside_files), ("TRACES_CA", self.traces_ca)):
            if path is not None and not path.is_file():
                raise SettingsError(f"LOOP_{name} names {path}, which is no file.")
        found = [] if self.plain_inside else self.clear_inside()
        if found:
            raise SettingsError(
                f"{type(self).__name__}: this would pass between machines without encryption: {'; '.join(found)}. "
                "Give certificates (LOOP_INSIDE_CA, LOOP_INSIDE_CERTIFICATE, LOOP_INSIDE_KEY, addresses with https:// or "
                "tls://), or say LOOP_PLAIN_INSIDE=yes where something else protects the network."
            )


def _variable(error: SettingsSourceError) -> str:
    field = re.search(r'field "(\w+)"', str(error))
    return f"LOOP_{field[1].upper()}" if field else str(error)


class DatabaseSettings(Settings):
    """What a process with a schema of its own needs besides."""

    database_url: SecretStr = Field(description="postgresql://role:password@host:port/database")
    database_pool: int = Field(default=10, ge=1, le=200, description="Connections a process keeps at most.")

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database URL for SQLAlchemy's asyncpg dialect."""
        return self.database_url.get_secret_value().replace("postgresql://", "postgresql+asyncpg://", 1)

    def clear_inside(self) -> list[str]:
        """Also the database, which TLS must be asked for by the certificate's name."""
        plain = inside.is_plain_database(self.database_url.get_secret_value(), self.inside_ca)
        return super().clear_inside() + (["LOOP_DATABASE_URL"] if plain else [])


class WorkerSettings(DatabaseSettings):
    """What a worker process needs besides."""

    nats_url: SecretStr = Field(
        default=SecretStr("nats://127.0.0.1:4222"),
        description="The broker, with the worker's own user: tls://audit:password@host:4222.",
    )
    stream_replicas: int = Field(
        default=1, ge=1, le=5, description="Nodes of NATS that keep each stream; 3 where there are three."
    )
    database_folder: Path | None = Field(
        default=None,
        description="Folder of PostgreSQL's data, where this worker sees it: its metrics say how full that disk is.",
    )
    worker_port: int = Field(
        default=0, ge=0, le=65535, description="Port of the worker's health, metrics and event log; 0: any that is free."
    )

    def inside_addresses(self) -> list[tuple[str, str]]:
        """The broker."""
        return [*super().inside_addresses(), ("LOOP_NATS_URL", self.nats_url.get_secret_value())]


class ServiceSettings(WorkerSettings):
    """What a service with events and encrypted columns needs besides."""

    key_ring_file: Path | None = Field(default=None, description="File with the service's wrapped keys; `loop keys` writes it.")
    secret_key_file: SecretFile | None = Field(
        default=None,
        validate_default=True,
        description="File with a master key, base64 of 32 random bytes; without it the ring has a root.",
    )
    key_encryption: tuple[str, ...] = Field(
        default=(), description='Key-encryption keys as JSON: ["file:/run/secrets/kek", "vault:https://…"]; the first wraps.'
    )

    @field_validator("secret_key_file")
    @classmethod
    def _keys_are_named(cls, value: Path | None, found: ValidationInfo) -> Path | None:
        if value is None and found.data.get("key_ring_file") is None:
            msg = "missing, and LOOP_KEY_RING_FILE as well: the keys of this service (docs/guides/keys.md)"
            raise ValueError(msg)
        return value
