"""Fixtures of the whole repository, and the order in which its tests are handed to several processes."""

import gc
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# Before pytest comes to the folder gateway/ and takes it for a namespace package of that name.
import gateway  # noqa: F401 - imported for its place in sys.modules

pytest_plugins = ["chassis.testing.fixtures"]

# A property test judges the code and not the machine: it has no deadline, and the same examples in every run, so that a change
# is not refused for what it did not touch. `pytest --hypothesis-profile explore` looks for new ones.
settings.register_profile("loop", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("explore", settings.get_profile("loop"), derandomize=False, max_examples=1000, print_blob=True)
# What `make fuzz` uses, round after round with another seed: a parser that takes long over a small input is a fault as well.
settings.register_profile(
    "fuzz", settings.get_profile("loop"), derandomize=False, max_examples=500, print_blob=True, deadline=5000, database=None
)
settings.load_profile("loop")

# A traceback as Python has it: structlog would draw each with all local values, which takes a minute and fills the log.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback, colors=False),
    ]
)


@pytest.fixture(autouse=True)
def _logged_as_above() -> Iterator[None]:
    """Whatever a test makes of the log, the next one has it as above."""
    kept = structlog.get_config()
    yield
    structlog.configure(**kept)


TOGETHER = ("tests/e2e/", "tests/chaos/")
"""Files that share one installation of the session: in one process, so that it is started once."""


MEASURED = {
    "cli/tests/test_demo_stack.py": 430.0,
    "services/feedback/tests/integration/test_every_questionnaire_in_chromium.py": 190.0,
    "services/feedback/tests/integration/test_reaching_in_chromium.py": 95.0,
    "services/audit/tests/integration/test_audit_in_chromium.py": 70.0,
    "services/feedback/tests/integration/test_pages_in_chromium.py": 57.0,
    "tests/upgrade/test_side_by_side.py": 60.0,
    "gateway/tests/integration/test_credentials.py": 45.0,
    "services/complaints/tests/integration/test_journey_in_chromium.py": 37.0,
}
"""Seconds of files that take much longer than is guessed from their marks, on a machine that did other things besides."""


class LongestFirst(LoadFileScheduling):
    """Whole files, as `--dist loadfile`, in the order of the collection, and those that share an installation as one."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/e2e and tests/chaos" if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongestFirst:
    """Hand out the files in the order of the collection; xdist would begin with those of most tests, not with the longest."""
    config.option.loadscopereorder = False
    return LongestFirst(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Look for garbage where tests make it, not among millions of objects that stay: modules, tests and their parameters."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files that take longest first where several processes run them, so that all of these end together."""
    if not hasattr(config, "workerinput"):
        return
    seconds: defaultdict[str, float] = defaultdict(float)
    for item in items:
        seconds[_file(item)] += _about(item)
    seconds.update({file: took for file, took in MEASURED.items() if file in seconds})
    items.sort(key=lambda item: (-seconds[_file(item)], _file(item)))


def _file(item: pytest.Item) -> str:
    return TOGETHER[0] if item.nodeid.startswith(TOGETHER) else item.nodeid.split("::", 1)[0]


def _about(item: pytest.Item) -> float:
    """Seconds, roughly."""
    for mark, seconds in (("chaos", 8.0), ("stack", 4.0), ("browser", 4.0)):
        if item.get_closest_marker(mark):
            return seconds
    return 0.3 if "databases" in getattr(item, "fixturenames", ()) else 0.02
