"""One installation for the tests of a module that only look at it or break single processes of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.testing.fixtures import scratch_folder
from loop_cli.servers import free_port
from loop_cli.stack import EmbeddedStack


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the installation said."""
    return []


@pytest.fixture(scope="module")
def stack(told: list[str]) -> Iterator[EmbeddedStack]:
    """A running installation."""
    with scratch_folder("stack") as folder, EmbeddedStack(folder / "data", port=free_port(), tell=told.append) as running:
        yield running


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for an installation of the test's own."""
    with scratch_folder("stack") as made:
        yield made
