"""What a process knows of its machine, read when it is scraped: how long certificates hold, and how full the disk is."""

import shutil
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography import x509
from prometheus_client import Gauge

from chassis.settings import Settings

CERTIFICATE = Gauge(
    "loop_certificate_ends_timestamp_seconds",
    "When the certificate ends with which this process listens, or the first one of its authority.",
    ["service", "which"],
)
FREE = Gauge("loop_disk_free_bytes", "Free on the disk of the folder in which the process runs.", ["service"])
SIZE = Gauge("loop_disk_size_bytes", "Size of that disk.", ["service"])
DATABASE_FREE = Gauge("loop_database_disk_free_bytes", "Free on the disk of the folder of PostgreSQL's data.", ["service"])
DATABASE_SIZE = Gauge("loop_database_disk_size_bytes", "Size of that disk.", ["service"])


def watch_process(service: str, settings: Settings) -> None:
    """Show them from now on; certificates where there are some."""
    for which, path in (("own", settings.inside_certificate), ("authority", settings.inside_ca)):
        if path is not None:
            CERTIFICATE.labels(service, which).set_function(partial(ends, path))
    # Where it began: a folder that is gone later must not break the scrape.
    _watch_disk(service, Path.cwd(), FREE, SIZE)


def watch_database_disk(service: str, folder: Path | None) -> None:
    """Show how full the disk of PostgreSQL's data is, where this process has been told of a folder there."""
    if folder is not None:
        _watch_disk(service, folder, DATABASE_FREE, DATABASE_SIZE)


def ends(path: Path) -> float:
    """When the first certificate of a file (PEM) ends, in seconds since 1970; 0 where it cannot be read, which is as bad."""
    try:
        return first_end(path.read_bytes()).timestamp()
    except (OSError, ValueError):
        return 0.0


def first_end(pem: bytes) -> datetime:
    """When the first of some certificates (PEM) ends. Raises ValueError where there are none."""
    return min(each.not_valid_after_utc for each in x509.load_pem_x509_certificates(pem))


def _watch_disk(service: str, folder: Path, free: Gauge, size: Gauge) -> None:
    free.labels(service).set_function(lambda: _disk(folder)[0])
    size.labels(service).set_function(lambda: _disk(folder)[1])


def _disk(folder: Path) -> tuple[float, float]:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return float("nan"), float("nan")
    return float(usage.free), float(usage.total)
