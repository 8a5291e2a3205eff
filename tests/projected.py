"""How far reporting has come with the events of the services."""

import time

from loop_cli.stack.embedded import EmbeddedStack


def positions(stack: EmbeddedStack) -> dict[str, tuple[int, int]]:
    """By source: (number up to which reporting has everything, highest number given)."""
    found = {}
    for source in ("audit", "feedback", "complaints"):
        head = stack.postgres.run_sql(
            f"select count(*) || ' ' || coalesce(max(sequence), 0) || ' ' || count(sequence) from {source}.outbox",
            database="loop",
        )
        written, highest, numbered = map(int, head.split())
        assert highest == numbered, "the numbers have no gap"
        applied = stack.postgres.run_sql(
            f"select coalesce(max(sequence), 0) from reporting.consumer_position where source = '{source}'", database="loop"
        )
        found[source] = (int(applied), written)
    return found


def wait_until_projected(stack: EmbeddedStack, patience: float = 120.0) -> None:
    """Wait until reporting has applied every event that a service has written."""
    deadline = time.monotonic() + patience
    while any(applied != written for applied, written in positions(stack).values()):
        assert time.monotonic() < deadline, positions(stack)
        time.sleep(0.1)
