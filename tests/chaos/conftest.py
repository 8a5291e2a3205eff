"""An installation with a network of the test, for the tests of this folder."""

from collections.abc import Iterator

import pytest

from chassis.testing.fixtures import scratch_folder
from tests.chaos.installation import Installation


@pytest.fixture(scope="package")
def stack() -> Iterator[Installation]:
    """PostgreSQL, NATS and all ten processes, with both profiles applied."""
    with scratch_folder("chaos") as folder, Installation(folder / "data") as running:
        yield running
