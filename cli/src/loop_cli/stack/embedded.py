"""The embedded installation: PostgreSQL, NATS and the ten processes, started, watched and stopped by one thread.

One thread does all starting and stopping, whoever asks: the kernel ends a child when the thread that forked it ends, so that
thread has to live as long as the installation.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from typing import IO, Self, TypeVar

import psutil

from chassis.jetstream import BrokerError
from loop_cli.servers import ChildProcess, NatsServer, PostgresServer, ServerError, port_is_free
from loop_cli.stack import database, passwords, rolling
from loop_cli.stack.archive import keeper
from loop_cli.stack.broker import set_up_streams, users
from loop_cli.stack.keys import Keys, load_or_make
from loop_cli.stack.layout import Layout, StackError
from loop_cli.stack.migrations import MODULE, migrate
from loop_cli.stack.programs import GRACE_SECONDS, Programs, choose_ports
from loop_cli.stack.rotation import Rotation
from loop_cli.stack.services import PROGRAMS, Addresses
from loop_cli.stack.state import State, end_leftovers, entry_of, is_ready, memory_of, this_process
from loop_cli.stack.watch import Watch

_T = TypeVar("_T")

DEFAULT_PORT = 8400


class EmbeddedStack:
    """A whole installation on this machine: `start()`, use `url`, `stop()`; or as a context manager.

    `strict`: a process that dies unexpectedly ends everything, instead of being started again. `tell` is called with one
    line a step. `archive`: where to archive PostgreSQL to, so that one can go back to a moment. Every method may be called
    from any thread.
    """

    def __init__(
        self,
        data: Path | str = ".loop",
        *,
        port: int = DEFAULT_PORT,
        strict: bool = False,
        demo_sign_in: bool = False,
        tell: Callable[[str], None] | None = None,
        archive: "keeper.Archive | None" = None,
    ) -> None:
        self.layout = Layout.at(data)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.timings: dict[str, float] = {}
        self.is_new = False
        self.demo_sign_in = demo_sign_in
        self.tell = tell or (lambda _line: None)
        self.keeper: keeper.Keeper | None = None
        self._archive = archive
        self._strict = strict
        self._lock: IO[str] | None = None
        self._keys: Keys | None = None
        self._addresses: Addresses | None = None
        self._postgres: PostgresServer | None = None
        self._nats: NatsServer | None = None
        self.programs = Programs(self.layout)
        self._watch = Watch(self)
        self._rotation = Rotation(self)
        self._rolling = rolling.Rolling(self)
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._error: BaseException | None = None

    # ------------------------------------------------------------------------------------------------------- for callers

    def start(self, asked_to_stop: threading.Event | None = None) -> Self:
        """Start everything and wait until it is ready; raises `ServerError` (and leaves nothing running) if it cannot.

        When `asked_to_stop` is set meanwhile, that is a `StackError` too.
        """
        if self.is_running:
            return self
        started: Future[None] = Future()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=(started,), name="loop-stack")
        self._thread.start()
        try:
            while not wait([started], timeout=0.1).done:
                if asked_to_stop is not None and asked_to_stop.is_set():
                    self._stopping.set()
            started.result()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything in order and wait for it; nothing is left behind."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def wait(self) -> None:
        """Wait until it is stopped; raises `StackError` if a process failed under `strict`, or what ended the watch."""
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error
        if self._strict and self.failures:
            raise StackError(self.failures[0])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether it is up, or on its way up or down."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def keys(self) -> Keys:
        """Passwords, and where the key files are."""
        return _started(self._keys)

    @property
    def addresses(self) -> Addresses:
        """Where everything listens."""
        return _started(self._addresses)

    @property
    def postgres(self) -> PostgresServer:
        """The database server."""
        return _started(self._postgres)

    @property
    def nats(self) -> NatsServer:
        """The broker."""
        return _started(self._nats)

    @property
    def failures(self) -> list[str]:
        """One line for each process that ended without being asked to."""
        return self._watch.failures

    def names(self) -> list[str]:
        """Names of all processes, in the order in which they are started."""
        return ["postgres", "nats", *(program.name for program in PROGRAMS)]

    def process(self, name: str) -> ChildProcess:
        """Give a process by name: `postgres`, `nats`, `audit`, `audit-worker`, ...; `.kill()` it, and it is started again."""
        match name:
            case "postgres":
                return self.postgres.process
            case "nats":
                return self.nats.process
            case _:
                return self.programs.processes[name]

    def restart(self, name: str) -> None:
        """Stop a process cleanly and wait until it is ready again."""
        with self.held(name):
            self.process(name).stop(GRACE_SECONDS)
        self.wait_ready(name)

    @contextlib.contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Keep a process from being started again meanwhile; what ended inside is started at once afterwards."""
        self._watch.hold(name)
        try:
            yield
        finally:
            self._watch.let_go(name)

    def wait_ready(self, *names: str, timeout: float = 180.0) -> None:
        """Wait until the named processes (all, if none is named) are up and ready."""
        deadline = time.monotonic() + timeout
        waiting = set(names or self.names())
        while waiting := {name for name in waiting if not self._is_up(name)}:
            if time.monotonic() > deadline:
                raise StackError(f"Not ready after {timeout:.0f} s: {', '.join(sorted(waiting))}. Logs: {self.layout.logs}")
            time.sleep(0.05)

    def memory_bytes(self) -> int:
        """Memory of all processes together, shared pages counted once, this one included."""
        return memory_of([psutil.Process(), *(member for name in self.names() for member in self.process(name).family())])

    # ------------------------------------------------------------------------------------------------- in the own thread

    def _run(self, started: "Future[None]") -> None:
        try:
            self._begin()
            started.set_result(None)
            self._watch.run(self._stopping, strict=self._strict)
        except OSError as error:
            self._fail(started, StackError(f"{error.strerror}: {error.filename or self.layout.root}"))
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for the start or the end
            self._fail(started, error)
        finally:
            self._shut_down()

    def _fail(self, started: "Future[None]", error: BaseException) -> None:
        if not started.done():
            started.set_exception(error)
        else:
            self._error = error

    def _begin(self) -> None:
        began = time.monotonic()
        self._take_folder()
        with self._timed("databases"):
            self.programs.prepare()
            self._start_servers()
        with self._timed("migrations"):
            migrate(self.layout, self.postgres.port, self.keys.passwords, self.programs.launcher(MODULE))
        with self._timed("services"):
            self._addresses = self.choose_addresses()
            self.programs.start(self._addresses, self.keys, demo_sign_in=self.demo_sign_in)
            self.remember()
            self.programs.wait_ready(self._addresses, self._stopping)
        self.timings["total"] = time.monotonic() - began
        self.remember()

    @contextlib.contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        if self._stopping.is_set():
            raise StackError("Stopped while starting.")
        began = time.monotonic()
        yield
        self.timings[step] = time.monotonic() - began

    def _take_folder(self) -> None:
        self._lock = self.layout.lock()
        if self._lock is None:
            state = State.read(self.layout)
            where = f" at {state.url} (process {state.supervisor.pid})" if state else ""
            raise StackError(f"Already running{where} with the data in {self.layout.root}. `loop down` stops it.")
        self.is_new = self.layout.open()
        self.layout.check_space()
        if left := end_leftovers(self.layout):
            self.tell(f"Ended what an earlier start that was killed had left running: {', '.join(left)}")
        rolling.forget(self.layout)
        self.layout.set_old_logs_aside()
        if not port_is_free(self.port):
            raise StackError(
                f"Port {self.port} is in use by another program. Choose another: `loop up --port {self.port + 100}`, "
                f"or `make demo PORT={self.port + 100}`."
            )

    def choose_addresses(self) -> Addresses:
        """Where the programs listen, and where they find the servers; a test may put something in between."""
        return Addresses(self.url, self.nats.port, self.postgres.port, choose_ports(self.port))

    def make_nats(self, wanted: Mapping[str, str]) -> NatsServer:
        """The broker, not started, with the passwords of its users; a test may make it one of several nodes."""
        log = self.layout.logs / "nats.log"
        return NatsServer(self.layout.nats, password=wanted["nats"], users=users(wanted), log=log)

    def _start_servers(self) -> None:
        self._keys = load_or_make(self.layout, has_data=(self.layout.postgres / "PG_VERSION").exists())
        kept, logs = self._keys.passwords, self.layout.logs
        # A change of passwords that was begun is finished here: nothing runs yet that has an old one.
        begun = passwords.coming(self.layout, kept)
        wanted = begun or kept
        self._nats = self.make_nats(wanted)
        settings = self._begin_archive()
        password, log = kept["postgres"], logs / "postgres.log"
        self._postgres = PostgresServer(self.layout.postgres, password=password, log=log, settings=settings)
        self._postgres.start()
        passwords.enter(self._postgres, password, wanted["postgres"])
        if opened := [str(path) for path in self._postgres.opened_folders if path != self.layout.root]:
            self.tell(f"PostgreSQL does not run as root; other accounts may now pass through (not list) {', '.join(opened)}")
        self.start_nats()
        database.provision(self._postgres, wanted)
        if begun:
            passwords.give_out(self.layout, self._postgres, begun, ())
            kept.update(begun)
            self.tell(f"{len(begun)} passwords were changed, as was begun before")
        if self.keeper is not None:
            self.keeper.start(self._postgres)
        self.remember()

    def _begin_archive(self) -> Mapping[str, str]:
        """Find or begin the series of the archive; gives what PostgreSQL is told for it."""
        if self._archive is None:
            keeper.forget(self.layout)
            return {}
        self.keeper = keeper.Keeper(self.layout, self._archive, self.tell)
        return self.keeper.settings()

    def start_nats(self) -> None:
        """Start the broker, and see to it that it has the streams. In the own thread only.

        Raises `ServerError` where it cannot have them; it does not run then, so that the watch tries again.
        """
        self.nats.start()
        # A service may not change its stream, and a reader not make one: after an update, or when the disk was lost.
        try:
            asyncio.run(set_up_streams(self.nats.url))
        except (BrokerError, OSError) as error:
            self.nats.kill()
            raise ServerError(f"NATS does not keep the streams of the services: {error}. Is there room on the disk?") from error

    def _is_up(self, name: str) -> bool:
        if not self.process(name).alive:
            return False
        return name not in self.programs.processes or is_ready(self.addresses.ports[name])

    def start_again(self, name: str) -> None:
        """Start a process that has ended. For the watch only."""
        match name:
            case "postgres":
                self.postgres.start()
            case "nats":
                self.start_nats()
            case _:
                self.programs.start_again(name)
        self.remember()

    def has_ended(self, name: str) -> None:
        """Take note that a process has ended by itself. For the watch only."""
        self.programs.close_port(name)

    def look_for_orders(self, stopping: threading.Event) -> None:
        """Carry out a change of passwords, or a restart, if one was begun. For the watch only."""
        self._rotation.look(stopping)
        self._rolling.look(stopping)

    def remember(self) -> None:
        """Write what runs now into the data folder, for `status`, `down`, and the next start after a crash."""
        servers = [("postgres", self._postgres), ("nats", self._nats)]
        running = [(name, server.process, server.port) for name, server in servers if server]
        running += [(name, process, self.addresses.ports[name]) for name, process in self.programs.processes.items()]
        entries = [entry_of(name, process.pid, port) for name, process, port in running if process.pid]
        State(this_process(), self.url, tuple(entry for entry in entries if entry)).write(self.layout)

    def _shut_down(self) -> None:
        # Last in, first out; each is done even if one before it fails.
        with contextlib.ExitStack() as steps:
            steps.callback(self._give_folder_back)
            if self.keeper is not None:
                # PostgreSQL hands over its last segment while it stops.
                steps.callback(self.keeper.stop)
            for server in (self._postgres, self._nats):
                if server is not None:
                    steps.callback(server.stop)
            if self.keeper is not None:
                steps.callback(self.keeper.cease)
            steps.callback(self.programs.stop)

    def _give_folder_back(self) -> None:
        if self._lock is not None:
            self.layout.state.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None


def _started(value: _T | None) -> _T:
    if value is None:
        raise StackError("Not started.")
    return value
