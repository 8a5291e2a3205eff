"""What goes on when a node of a NATS cluster is lost; the whole scenario is `python -m tests.chaos --three-nodes`."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chassis import jetstream
from chassis.testing.sample import eventually
from tests.chaos.three_nodes import nodes, set_up, started


@pytest.mark.chaos
async def test_a_client_goes_on_with_a_node_whose_address_it_was_told_by_the_one_that_is_lost(tmp_path: Path) -> None:
    with started(nodes(tmp_path)) as cluster:
        await set_up(cluster[0].url)
        client = await jetstream.connect(cluster[0].url, "test")
        try:
            js = client.jetstream(timeout=5)
            await js.publish("loop.audit.v1.before", b"{}")
            cluster[0].kill()

            async def published() -> bool:
                try:
                    await js.publish("loop.audit.v1.after", b"{}")
                except (jetstream.BrokerError, OSError, TimeoutError):
                    return False
                return True

            await eventually(published)
            assert client.connected_url is not None
            assert urlsplit(client.connected_url.geturl()).port in {node.port for node in cluster[1:]}
            info = await js.stream_info(jetstream.stream_name("audit"))
            assert info.state.messages >= 2
        finally:
            await client.close()
