"""Telling systemd that everything is ready, or stops (sd_notify(3), of a unit with `Type=notify`)."""

import contextlib
import os
import socket

VARIABLE = "NOTIFY_SOCKET"


class Notify:
    """Says states to whoever started us; to nobody where nothing asked for it.

    Takes the address out of the environment: the processes below must not say that all is ready.
    """

    def __init__(self) -> None:
        address = os.environ.pop(VARIABLE, "")
        # A leading @ stands for the zero byte of an address without a file.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def say(self, state: str) -> None:
        """Send one state, such as `READY=1`; that nobody listens is no reason to stop."""
        if self._address:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.connect(self._address)
                sender.send(state.encode())
