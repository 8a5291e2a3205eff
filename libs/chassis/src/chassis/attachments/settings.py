"""Settings of files that belong to records. docs/guides/attachments.md explains them to the operator."""

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from chassis.attachments.clamd import Clamd
from chassis.attachments.limits import MEGABYTE, FileLimits
from chassis.inside import client_context
from chassis.settings import Megabytes, Seconds, Settings, SettingsError

NO_SCANNER = "none"
"""In place of a scanner's address: files are not looked through, and somebody has decided that."""


class FileSettings(Settings):
    """What web and worker of a service with files read from the environment: both must be told of a scanner."""

    file_megabytes: Megabytes = Field(default=20, ge=1, le=500, description="Size of one file at most.")
    record_files: int = Field(default=50, ge=1, le=1000, description="Files of one record at most.")
    record_megabytes: Megabytes = Field(
        default=200, ge=1, le=10_000, description="Size of all files of a record together at most."
    )
    upload_megabytes: Megabytes = Field(
        default=64, ge=1, le=1000, description="Size of one form with files at most; say the same to the gateway."
    )
    unsent_megabytes: Megabytes = Field(
        default=2000, ge=0, le=1_000_000, description="Size of files on public forms that nobody has sent yet, in all, at most."
    )
    scan_url: str | None = Field(
        default=None,
        description="Virus scanner: clamd://host:3310, clamds://host:3310 (TLS), clamd:///run/clamav/clamd.ctl, or none.",
    )
    scan_seconds: Seconds = Field(default=60.0, gt=0, le=100, description="How long the scanner may take to answer.")

    @field_validator("scan_url")
    @classmethod
    def _scanner(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value == NO_SCANNER:
            return value
        parts = urlsplit(value)
        try:
            fine = parts.scheme in {"clamd", "clamds"} and bool(parts.hostname) != (len(parts.path) > 1) and parts.port != 0
        except ValueError:
            fine = False
        if not fine:
            msg = "expected clamd://host:port, clamds://host:port (TLS) or clamd:///path/of/the/socket"
            raise ValueError(msg)
        return value

    def inside_addresses(self) -> list[tuple[str, str]]:
        """The scanner."""
        return [*super().inside_addresses(), ("LOOP_SCAN_URL", (self.scan_url or "") if self.scanner else "")]

    def check(self) -> None:
        """Whether files are scanned somebody must have decided; raises `SettingsError`."""
        if self.scan_url is None:
            raise SettingsError(
                f"{type(self).__name__}: LOOP_SCAN_URL is missing. Name the virus scanner that looks through files "
                f"(clamd://host:3310), or say LOOP_SCAN_URL={NO_SCANNER}: then files are handed out unscanned, with a warning."
            )
        super().check()

    @property
    def file_limits(self) -> FileLimits:
        """The limits in bytes."""
        return FileLimits(
            file=self.file_megabytes * MEGABYTE,
            record=self.record_megabytes * MEGABYTE,
            form=self.upload_megabytes * MEGABYTE,
            files=self.record_files,
        )

    @property
    def scanner(self) -> Clamd | None:
        """The scanner, where there is one."""
        return (
            Clamd(self.scan_url, self.scan_seconds, client_context(self.inside_ca))
            if self.scan_url and self.scan_url != NO_SCANNER
            else None
        )
