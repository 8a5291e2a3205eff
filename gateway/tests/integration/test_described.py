"""What the gathered description says of who may call the gateway's own routes."""

import re
from pathlib import Path

from gateway.testing import Gateway

ACCESS = Path(__file__).resolve().parents[3] / "docs" / "access.md"


async def test_own_routes_name_every_scope_with_which_one_may_come_in(gateway: Gateway) -> None:
    found = (await (await gateway.client()).get("/openapi.json")).json()["paths"]
    rows = re.findall(r"^\| `(/gateway/v1/[^`]*)` \| ([A-Z]+) \| (.*) \|$", ACCESS.read_text(), re.MULTILINE)
    asked = {(path, method.lower()): set(re.findall(r"`([^`]+)`", who)) for path, method, who in rows}
    said = {
        (path, method): {grant for way in each["security"] for kind, grants in way.items() for grant in grants or [kind]}
        for path, operations in found.items()
        for method, each in operations.items()
        if path.startswith("/gateway/v1/")
    }
    assert {"operator", "trail:read"} in said.values()
    assert said == {each: asked[each] for each in said}
