"""What NATS says: that every stream is there as declared, has room, and that whoever reads it keeps up."""

from pathlib import Path

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis import jetstream
from chassis.inside import client_context
from loop_cli.doctor.findings import Finding, look, reading, well, wrong
from loop_cli.stack.services import PRODUCERS, READERS

PATIENCE = 10.0
FULL = 0.8


async def examine(url: str, ca: Path | None = None, replicas: int = 1) -> list[Finding]:
    """Look at the streams as the user `loop`, each of which `replicas` nodes should keep; nothing is changed."""
    try:
        client = await jetstream.connect_once(url, "loop-doctor", client_context(ca))
    except (OSError, NatsError, jetstream.BrokerError) as error:
        do = "Does it run, and is the password of the user `loop` right? Events wait in the services meanwhile."
        return [wrong("NATS", f"cannot be reached: {error!r}"[:200], do)]
    try:
        js = client.jetstream(timeout=PATIENCE)
        return [finding for source in PRODUCERS for finding in await _stream(js, source, replicas)]
    finally:
        await client.close()


async def _stream(js: JetStreamContext, source: str, replicas: int) -> list[Finding]:
    wanted = jetstream.stream_config(source, replicas)
    what = f"stream {wanted.name}"
    again = "`loop up` makes it as it should be; elsewhere `loop broker streams`."
    try:
        info = await js.stream_info(jetstream.stream_name(source))
    except NotFoundError:
        return [wrong(what, "is not there", f"{again} What it held is sent again from the outbox of {source}.")]
    except (NatsError, TimeoutError) as error:
        return [
            wrong(what, f"does not answer: {error!r}"[:200], "Does JetStream have a leader? `nats server report jetstream`")
        ]
    found = []
    if differs := [name for name in jetstream.DECLARED if getattr(info.config, name) != getattr(wanted, name)]:
        found.append(wrong(what, f"is not as declared: {', '.join(differs)}", again))
    most = info.config.max_bytes or -1
    if most > 0 and info.state.bytes > FULL * most:
        words = (
            f"{info.state.bytes / most:.0%} full: the oldest events go, and are read from the outbox where somebody is behind"
        )
        found.append(look(what, words, "Is a reader away? It is listed below."))
    words = f"{info.state.messages} events, {info.state.bytes / 2**20:.0f} MB"
    found = found or [well(what, words)]
    readers = [reader for reader, sources in READERS.items() if source in sources]
    return [*found, *[await _consumer(js, source, reader) for reader in readers]]


async def _consumer(js: JetStreamContext, source: str, reader: str) -> Finding:
    what = f"{reader} at stream {jetstream.stream_name(source)}"
    try:
        info = await js.consumer_info(jetstream.stream_name(source), reader)
    except NotFoundError:
        return wrong(what, "does not read", f"Does {reader}-worker run? It makes its consumer at its start.")
    except (NatsError, TimeoutError) as error:
        return wrong(what, f"does not answer: {error!r}"[:200], "Does JetStream have a leader? `nats server report jetstream`")
    waiting = info.num_pending or 0
    words = f"{waiting} events wait, {info.num_ack_pending or 0} are in its hands"
    return reading(what, reader, waiting, words)
