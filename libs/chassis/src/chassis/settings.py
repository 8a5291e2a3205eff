"""Settings of a process, from the environment only.

A service subclasses `ServiceSettings`; every variable begins with `LOOP_`. Secrets come as paths of files or as values that
are never printed.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as SettingsSourceError


class SettingsError(SystemExit):
    """The process cannot start: says which variable is wrong and how."""


class NavigationEntry(BaseModel):
    """One entry of the navigation of staff pages, for those who hold one of the grants."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    href: str = Field(pattern=r"^/[a-z0-9/-]*$")
    grants: tuple[str, ...]


class Settings(BaseSettings):
    """What every process needs."""

    model_config = SettingsConfigDict(env_prefix="LOOP_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535, description="Port of the web process.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    public_url: str = Field(default="http://127.0.0.1:8400", description="Address at which people reach the installation.")
    identity_keys: Path = Field(description="File with the public keys of those who may issue identities.")
    signing_key: Path | None = Field(default=None, description="File with this process' own private key.")
    navigation: tuple[NavigationEntry, ...] = Field(
        default=(), description='Ways between the staff pages as JSON: [{"text": …, "href": "/…/", "grants": ["role:…"]}, …].'
    )
    grace_seconds: float = Field(default=10.0, description="How long a stopping process finishes what it has begun.")

    @classmethod
    def load(cls) -> Self:
        """Read the environment; a `SettingsError` names every variable that is missing or wrong."""
        try:
            return cls()
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


class ServiceSettings(DatabaseSettings):
    """What a service with events and encrypted columns needs besides."""

    nats_url: SecretStr = Field(default=SecretStr("nats://127.0.0.1:4222"))
    worker_port: int = Field(default=0, ge=0, le=65535, description="Port of the worker's health and log.")
    secret_key_file: Path = Field(description="File with the master key, base64 of 32 random bytes.")
