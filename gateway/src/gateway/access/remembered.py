"""Values that are believed for some seconds without asking again: credentials, right and wrong, and organisations."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """A bounded memory with an end to every value, that asks once however many want to know at the same time."""

    def __init__(self, seconds: float, size: int = 10_000) -> None:
        self._seconds = seconds
        self._size = size
        self._values: dict[Key, tuple[float, Value]] = {}
        self._asking: dict[Key, asyncio.Future[Value]] = {}

    def get(self, key: Key) -> Value | None:
        """The value, or None when it is unknown or too old."""
        found = self._values.get(key)
        return found[1] if found is not None and found[0] > monotonic() else None

    def was_known(self, key: Key) -> bool:
        """Whether the key is remembered at all, however old."""
        return key in self._values

    def put(self, key: Key, value: Value) -> None:
        """Remember a value; at the limit the longest known are forgotten."""
        self._values.pop(key, None)
        if len(self._values) >= self._size:
            for oldest in list(self._values)[: self._size // 10]:
                del self._values[oldest]
        self._values[key] = (monotonic() + self._seconds, value)

    def forget(self, key: Key) -> None:
        """Ask again next time."""
        self._values.pop(key, None)

    def forget_all(self) -> None:
        """Ask again for everything."""
        self._values.clear()

    async def ask(self, key: Key, question: Callable[[], Awaitable[Value]]) -> Value:
        """The answer to `question`, shared with everybody who asks for the same key meanwhile. Remembers nothing by itself."""
        waiting = self._asking.get(key)
        if waiting is None:
            waiting = asyncio.ensure_future(question())
            self._asking[key] = waiting
            waiting.add_done_callback(lambda _: self._asking.pop(key, None))
        # Shielded: one caller who hangs up must not take the answer from the others.
        return await asyncio.shield(waiting)

    def is_asked(self, key: Key) -> bool:
        """Whether somebody asks for this key just now, so that `ask` waits for their answer."""
        return key in self._asking

    def __len__(self) -> int:
        """How many values are remembered."""
        return len(self._values)
