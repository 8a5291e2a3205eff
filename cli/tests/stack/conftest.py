"""One installation for the tests of a module that only look at it or break single processes of it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loop_cli.servers import free_port
from loop_cli.stack import EmbeddedStack


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the installation said."""
    return []


@pytest.fixture(scope="module")
def stack(told: list[str]) -> Iterator[EmbeddedStack]:
    """A running installation."""
    with temporary_folder() as folder, EmbeddedStack(folder / "data", port=free_port(), tell=told.append) as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for an installation of the test's own."""
    with temporary_folder() as made:
        yield made


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder outside pytest's: that one is closed to other accounts whenever another pytest starts.

    (As root, PostgreSQL runs as another account.)
    """
    made = Path(tempfile.mkdtemp(prefix="loop-test-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
