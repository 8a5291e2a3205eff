"""One request on its way through the gateway, from its arrival to its line in the log."""

from typing import Any

from chassis.middleware import Receive, Scope, Send
from gateway.domain.principals import Principal
from gateway.proxy.incoming import Incoming


class Call:
    """What is known of a request so far. `status` stays 0 until an answer has begun; `sent` counts bytes of its body."""

    __slots__ = (
        "address", "incoming", "principal", "reason", "receive", "request_id", "scope", "send", "sent", "service", "started",
        "status", "trace",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send, started: float) -> None:
        """`started` is of `time.perf_counter`."""
        self.scope: Any = scope
        self.receive = receive
        self.send = send
        self.started = started
        self.incoming = Incoming(scope["headers"])
        self.request_id = self.incoming.id()
        self.trace = self.incoming.trace()
        self.address = ""
        self.service = "gateway"
        self.principal: Principal | None = None
        self.status = 0
        self.sent = 0
        self.reason = ""
