"""One Chromium for all page tests of a session: a process that every test connects to, each from its own event loop.

Playwright's Python objects belong to the loop that made them, and each test has a loop of its own. So the browser is started by
Playwright's own server (the flags are Playwright's, as in a launch), and what a test opened is closed when it disconnects.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from loop_cli.servers import ChildProcess, ServerError, wait_for

_ENDPOINT = re.compile(r"^(ws://\S+)\n", re.MULTILINE)
_SECONDS_TO_START = 120.0


class BrowserServer:
    """A Chromium that is started when it is first asked for, and again when it died. It ends with the test process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = 0
        self.process: ChildProcess | None = None

    def endpoint(self, executable: str, flags: Sequence[str], *, sandbox: bool) -> str:
        """Return the address for Playwright's `connect`; raises ServerError with its log when the browser does not start."""
        if self.process is None or not self.process.alive:
            self.process = self._start(executable, flags, sandbox=sandbox)
        found = self._address(self.process)
        if found is None:
            raise ServerError(f"{self.process.name} runs and does not say where:\n{self.process.log_tail()}")
        return found

    def stop(self) -> None:
        """End the browser and what it has below /tmp."""
        if self.process is not None:
            self.process.stop()

    def _start(self, executable: str, flags: Sequence[str], *, sandbox: bool) -> ChildProcess:
        self._starts += 1
        options = self._folder / "options.json"
        options.write_text(
            json.dumps({"executablePath": executable, "headless": True, "chromiumSandbox": sandbox, "args": list(flags)})
        )
        # Not `python -m playwright`: that starts this as a child, which would outlive it.
        command: list[str | Path] = [
            *compute_driver_executable(),
            "launch-server",
            "--browser",
            "chromium",
            "--config",
            options,
        ]
        process = ChildProcess("chromium", command, self._folder / f"chromium-{self._starts}.log")
        process.start()
        wait_for(lambda: self._address(process) is not None, process, _SECONDS_TO_START)
        return process

    @staticmethod
    def _address(process: ChildProcess) -> str | None:
        found = _ENDPOINT.search(process.log.read_text(errors="replace"))
        return found[1] if found else None
