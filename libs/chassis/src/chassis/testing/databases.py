"""Databases for tests: a schema is migrated once into a template and cloned for each test, and so is what many begin with."""

import asyncio
import secrets
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import asyncpg

from chassis import direct
from chassis.tenancy import role_statements, schema_statements

READ_DIRECTLY = ("reporting",)
"""Schemas with roles that read them directly (`chassis.direct`)."""
PASSWORD = "for-tests-only"  # noqa: S105 - it opens nothing but a throw-away server on this machine


@dataclass(frozen=True)
class PostgresAddress:
    """A superuser's way to the test server."""

    host: str
    port: int
    user: str
    password: str
    fast: bool = False
    """Whether it writes nothing through to a disk: then a database is cloned as files, in half the time that its log takes."""

    def url(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """A connection URL, of the superuser unless a user is given."""
        who = quote(user or self.user)
        word = quote(password if password is not None else self.password, safe="")
        return f"postgresql://{who}:{word}@{self.host}:{self.port}/{database}"

    @classmethod
    def parse(cls, url: str) -> "PostgresAddress":
        """From a URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 5432, parts.username or "postgres", parts.password or "")


@dataclass(frozen=True)
class Database:
    """A database of one test, with the three roles of its schema."""

    address: PostgresAddress
    name: str
    schema: str

    def url(self, suffix: str = "app") -> str:
        """The URL as `<schema>_<suffix>`: app, worker or owner; `admin` is the server's superuser."""
        if suffix == "admin":
            return self.address.url(self.name)
        return self.address.url(self.name, f"{self.schema}_{suffix}", PASSWORD)


Build = Callable[[str], None]
"""Fills a template; gets the owner's URL."""


@dataclass(frozen=True)
class Filling:
    """What many tests begin with and none of them is about, done once a session: a template of a template.

    `fill` works as the service would, for instance through its application, and leaves no connection behind.
    """

    name: str
    fill: Callable[[Database], Coroutine[Any, Any, None]]


def _apart(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine to its end in a thread, so that it also works where a loop runs."""
    failures: list[BaseException] = []

    def target() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


class _Superuser:
    """A connection in a thread of its own, so that it is there for every test, on whatever loop that runs."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection: asyncpg.Connection = self._wait(asyncpg.connect(url))

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self._wait(self._connection.execute(statement))

    def close(self) -> None:
        """End the connection and the thread."""
        self._wait(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Any) -> Any:
        async def waiting() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(waiting(), self._loop).result()


class Databases:
    """Templates, one a schema, and clones of them."""

    def __init__(self, address: PostgresAddress) -> None:
        self.address = address
        self._templates: dict[str, str] = {}
        self._run = secrets.token_hex(3)
        self._count = 0
        self._superuser: _Superuser | None = None

    def execute(self, database: str, *statements: str) -> None:
        """Run statements as the superuser, each by itself."""

        async def run() -> None:
            connection = await asyncpg.connect(self.address.url(database))
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        _apart(run)

    def close(self) -> None:
        """Give the connection back."""
        if self._superuser is not None:
            self._superuser.close()

    def _administer(self, statement: str) -> None:
        """Make or drop a database: through a connection that stays, which takes half the time of one that comes for it."""
        if self._superuser is None:
            self._superuser = _Superuser(self.address.url())
        self._superuser.execute(statement)

    def template(self, schema: str, build: Build) -> str:
        """The template of a schema; `build` runs once a session."""
        if schema not in self._templates:
            name = f"template_{schema}_{self._run}"
            roles = role_statements(schema, dict.fromkeys(("owner", "app", "worker"), PASSWORD))
            own = [f"{schema}_{suffix}" for suffix in ("owner", "app", "worker")]
            readers = direct.role_statements(schema) if schema in READ_DIRECTLY else []
            views = direct.schema_statements(schema, own) if schema in READ_DIRECTLY else []
            self.execute("postgres", *roles, *readers, f"create database {name}")
            self.execute(name, "revoke all on schema public from public", *schema_statements(schema), *views)
            build(self.address.url(name, f"{schema}_owner", PASSWORD))
            self._templates[schema] = name
        return self._templates[schema]

    def filled(self, schema: str, build: Build, filling: Filling) -> str:
        """The template of a schema with a filling, which is put in once a session."""
        name = f"{self.template(schema, build)}_{filling.name}"
        if name not in self._templates:
            self._copy(self.template(schema, build), name)
            _apart(lambda: filling.fill(Database(self.address, name, schema)))
            self._templates[name] = name
        return name

    def _copy(self, template: str, name: str) -> None:
        strategy = "file_copy" if self.address.fast else "wal_log"
        self._administer(f"create database {name} template {template} strategy {strategy}")

    @contextmanager
    def clone(self, schema: str, build: Build, filling: Filling | None = None) -> Iterator[Database]:
        """A fresh database from the template; dropped in the end, whoever is still connected."""
        template = self.filled(schema, build, filling) if filling else self.template(schema, build)
        self._count += 1
        name = f"test_{schema}_{self._run}_{self._count}"
        self._copy(template, name)
        try:
            yield Database(self.address, name, schema)
        finally:
            self._administer(f"drop database {name} with (force)")
