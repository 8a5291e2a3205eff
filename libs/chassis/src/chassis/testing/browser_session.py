"""One Chromium for all page tests of a session, driven by one Playwright: to start either takes longer than most tests do.

Playwright's objects belong to the loop that made them, so all tests of a process share one (`asyncio_default_test_loop_scope`).
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

# The shell is the same engine without the windows around it: a fresh profile takes a third of the time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No name is looked up: a page reaches this machine and nothing else. (Stopping each request in the test would do it too,
    # and takes a third longer a page, not least because Playwright then switches the browser's cache off.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


class BrowserSession:
    """A Chromium that is started when it is first asked for, and again when it died. Nothing of it outlives the process."""

    def __init__(self, folder: Path) -> None:
        """Keep what the browser writes in `folder`, which somebody deletes."""
        self._folder = folder
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def browser(self) -> Browser:
        """The browser; without one on this machine the test is skipped, or fails where CI is set."""
        if self._playwright is None:
            with _temporary(self._folder):
                self._playwright = await async_playwright().start()
        if self._browser is None or not self._browser.is_connected():
            # Root, as in a container, has no sandbox of Chromium's.
            root = hasattr(os, "geteuid") and os.geteuid() == 0
            self._browser = await self._playwright.chromium.launch(
                executable_path=installed(self._playwright),
                args=_FLAGS,
                chromium_sandbox=not root,
                env={**os.environ, "TMPDIR": str(self._folder)},
            )
        return self._browser

    async def end(self) -> None:
        """End the browser and Playwright."""
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()


@contextmanager
def _temporary(folder: Path) -> Iterator[None]:
    """Playwright takes the folder of its profiles from the environment with which it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield


def find_chromium() -> str | None:
    """Return the executable of a Chromium on this machine, None if only Playwright may have one."""
    return os.environ.get("LOOP_TEST_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


def installed(playwright: Playwright) -> str:
    """Return the executable of this machine's Chromium or of Playwright's own; without one the test is skipped."""
    executable = find_chromium() or shutil.which(playwright.chromium.executable_path)
    if executable is None:
        absent = "there is no Chromium: install one, or name it in LOOP_TEST_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    return executable
