"""Folders for servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.testing.fixtures import scratch_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the test's own, outside of pytest's: that one is closed to other accounts whenever another pytest starts.

    (As root, PostgreSQL runs as another account.)
    """
    with scratch_folder("servers") as made:
        yield made
