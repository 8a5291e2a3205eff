"""What this machine says: processes, disk, files of secrets, key rings, ages of passwords, certificates."""

import shutil
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from chassis import jetstream
from chassis.inside import client_context
from chassis.key_encryption import KeyEncryptionError, key_encryption
from chassis.key_ring import KeyRing
from chassis.process_figures import first_end
from loop_cli.doctor.findings import APART_LOOK, APART_WRONG, Finding, listed, look, well, wrong
from loop_cli.servers import ServerError
from loop_cli.stack.keys import SEALING, Keys, specifications
from loop_cli.stack.layout import NEEDED_BYTES, Layout
from loop_cli.stack.passwords import OLDEST_DAYS, changed_at, is_begun
from loop_cli.stack.services import PRODUCERS, PROGRAMS
from loop_cli.stack.state import State, is_ready

NEARLY_FULL = 0.1
SOON_DAYS = 30
SECONDS = 5.0
_OTHERS = 0o077


def examine(layout: Layout, state: State | None) -> list[Finding]:
    """Look at a data folder, and at the processes that run from it."""
    known = {each.name for each in PROGRAMS}
    urls = {each.name: f"http://127.0.0.1:{each.port}" for each in state.processes if each.name in known} if state else {}
    # Who is away is said already.
    said = [each for each in clocks(urls) if "cannot be asked" not in each.words] if urls else []
    return [*processes(state), *said, disk(layout), files(layout), *keys(layout), passwords(layout)]


def processes(state: State | None) -> list[Finding]:
    """Whether each process that was started is there and ready."""
    found = []
    known = {each.name for each in PROGRAMS}
    for each in state.processes if state is not None else ():
        what = f"process {each.name}"
        if each.process() is None:
            found.append(wrong(what, "has ended", f"`loop logs {each.name}`; the supervisor starts it again, if it runs."))
        elif each.name in known and not is_ready(each.port):
            do = f"`loop logs {each.name}`; its /readyz says what it waits for."
            found.append(wrong(what, "is not ready", do))
    if state is not None and not found:
        return [well("processes", f"{len(state.processes)} are there and ready")]
    return found


def clocks(urls: Mapping[str, str], ca: Path | None = None) -> list[Finding]:
    """Whether the clock of each process, by the `Date` of its answer, is this machine's; `urls` by what they are called."""
    found, apart = [], []
    do = "Let both machines keep time by NTP (`timedatectl`): an identity counts for two minutes."
    for name, url in urls.items():
        try:
            by = _apart(url, ca)
        except (httpx.HTTPError, ValueError) as error:
            found.append(wrong(f"clock of {name}", f"cannot be asked at {url}: {type(error).__name__}", "Does it run?"))
            continue
        apart.append(abs(by))
        words = f"{abs(by):.0f} s {'ahead of' if by > 0 else 'behind'} this machine's"
        if abs(by) > APART_WRONG:
            found.append(wrong(f"clock of {name}", words, do))
        elif abs(by) > APART_LOOK:
            found.append(look(f"clock of {name}", words, do))
    return found or [well("clocks of processes", f"{len(apart)} agree with this machine's")]


def _apart(url: str, ca: Path | None) -> float:
    """By how many seconds, at least, its clock is ahead of this machine's; below nought where it is behind."""
    before = time.time()
    answer = httpx.get(f"{url}/readyz", timeout=SECONDS, verify=client_context(ca) or True)
    after = time.time()
    there = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    # It tells whole seconds, and what lies between asking and being answered is nobody's fault.
    return there - after if there > after else min(there + 1 - before, 0.0)


def disk(layout: Layout) -> Finding:
    """How much room there is where the data lie."""
    usage = shutil.disk_usage(layout.root)
    grows = streams_may_take(layout)
    words = f"{usage.free / 2**30:.1f} GB free, {usage.free / usage.total:.0%}"
    words += f"; streams of NATS may take {grows / 2**30:.1f} GB more"
    do = "Make room or add some: PostgreSQL takes no changes without. Logs and old backups first."
    if usage.free < NEEDED_BYTES:
        return wrong("disk", words, do)
    if usage.free < grows + NEEDED_BYTES:
        return look("disk", words, f"{do} Streams keep {jetstream.MAX_AGE / 86400:.0f} days of events, up to that limit.")
    return look("disk", words, do) if usage.free < NEARLY_FULL * usage.total else well("disk", words)


def streams_may_take(layout: Layout) -> int:
    """Bytes that the streams of all producers may grow by until each drops its oldest events."""
    held = sum(each.stat().st_size for each in layout.nats.rglob("*") if each.is_file())
    return max(0, sum(jetstream.stream_config(each).max_bytes or 0 for each in PRODUCERS) - held)


def files(layout: Layout) -> Finding:
    """Whether secrets are for their owner alone."""
    open_ = [
        str(each.relative_to(layout.root))
        for each in sorted([layout.secrets, *layout.secrets.rglob("*")])
        if each.exists() and each.stat().st_mode & _OTHERS
    ]
    if open_:
        do = f"chmod -R go= {layout.secrets}, and ask who could read them meanwhile: docs/runbooks/leaked-key.md"
        return wrong("files of secrets", f"others may read or change {listed(open_)}", do)
    return well("files of secrets", "are for their owner alone")


def keys(layout: Layout) -> list[Finding]:
    """Whether each ring opens with the key-encryption key that its process is given."""
    found, opened = [], 0
    known = Keys({}, layout.secrets)
    for service in SEALING:
        ring = known.ring_of(service)
        what = f"key ring of {service}"
        try:
            KeyRing(ring, key_encryption(specifications(known.key_encryption_of(service))))
        except (KeyEncryptionError, ServerError, OSError, ValueError) as error:
            do = "Put ring and key back from their copy: docs/runbooks/restore.md. Make no new one: it opens nothing."
            found.append(wrong(what, str(error).partition("\n")[0], do))
        else:
            opened += 1
    return found or [well("key rings", f"{opened} open with their keys")]


def passwords(layout: Layout) -> Finding:
    """How old the oldest password is."""
    do = "`loop passwords rotate`; docs/runbooks/change-passwords.md"
    if is_begun(layout):
        return look(
            "passwords", "a change was begun and is not done", "`loop passwords status`; the next `loop up` finishes it."
        )
    oldest = min(changed_at(layout).values(), default=None)
    if oldest is None:
        return well("passwords", "there are none yet")
    days = (datetime.now(UTC) - oldest).days
    words = f"the oldest is {days} days old"
    return look("passwords", words, do) if days > OLDEST_DAYS else well("passwords", words)


def certificates(named: Sequence[str]) -> list[Finding]:
    """When certificates end: each a file (PEM), or a host and port that shows one."""
    return [_certificate(each) for each in named]


def _certificate(named: str) -> Finding:
    what = f"certificate {named}"
    try:
        pem = Path(named).read_bytes() if Path(named).exists() else _shown(named)
        ends = first_end(pem)
    except (OSError, ValueError) as error:
        return wrong(what, f"cannot be read: {error}", "Name a file with certificates (PEM), or host:port.")
    days = (ends - datetime.now(UTC)).days
    words = f"ends on {ends.day} {ends:%B %Y}"
    if ends < datetime.now(UTC):
        return wrong(what, words, "Put a new one in its place; people and systems are turned away.")
    do = "Does whatever renews it still run?"
    return look(what, words, do) if days < SOON_DAYS else well(what, words)


def _shown(address: str) -> bytes:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{address} is no file, and no host:port")
    # Whether it is trusted is for who connects to decide; here only its days count, also of one that has ended.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, int(port)), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        shown = connection.getpeercert(binary_form=True)
    return ssl.DER_cert_to_PEM_cert(shown or b"").encode()
