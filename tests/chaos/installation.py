"""An embedded installation with a network of the test between its processes and its servers."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from loop_cli.operator import Operator
from loop_cli.profile import send
from loop_cli.profile_files import read_profile
from loop_cli.servers import free_port
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.services import Addresses
from tests.chaos.clock import OwnClocks
from tests.chaos.mixed import ORGS, ROOT
from tests.chaos.proxy import Proxy


class Installation(EmbeddedStack):
    """As `EmbeddedStack`; every process reaches PostgreSQL and NATS through `network`, both profiles are in force."""

    def __init__(self, data: Path, **options: Any) -> None:
        super().__init__(data, port=free_port(), demo_sign_in=True, **options)
        self.programs = OwnClocks(self.layout)
        self._proxies = ExitStack()
        self.network: dict[str, Proxy] = {}
        self.before: Path | None = None
        """A Python that has the version before, where it is there."""

    def __enter__(self) -> Self:
        self.network = {
            "postgres": self._proxies.enter_context(Proxy(lambda: self.postgres.port)),
            "nats": self._proxies.enter_context(Proxy(lambda: self.nats.port)),
        }
        try:
            self.start()
            with Operator.of(self.layout.root) as operator:
                for org in ORGS:
                    send(read_profile(ROOT / "profiles" / org), operator.http, dry_run=False)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.stop()
        finally:
            self._proxies.close()

    def choose_addresses(self) -> Addresses:
        """The servers are where the network is."""
        ports = {f"{name}_port": proxy.port for name, proxy in self.network.items()}
        return replace(super().choose_addresses(), **ports)  # type: ignore[arg-type]  # two names of one type
