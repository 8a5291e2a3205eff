"""What a test takes of the demonstration's records as a pattern."""

from typing import Any

from tests.chaos.mixed import ORGS, records_of

ORG = ORGS[0]


def first_record(name: str, org: str = ORG) -> dict[str, Any]:
    """The first record of a demo file, as a pattern."""
    return records_of(org, name)[0]
