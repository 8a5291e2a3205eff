"""Paths and addresses: which may be passed on, returned to, or written into a log."""

import re

from chassis.tenancy import is_organisation

# `..` and `.` as segments, plain or escaped; escaped slashes and backslashes; control characters. A service and the gateway
# must never disagree about which path was asked for.
_AMBIGUOUS = re.compile(rb"/\.{1,2}(?:/|$)|%2e|%2f|%5c|\\|%[01][0-9a-f]|%7f|//", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
# Everything else below /s/ may be the token of a link.
_SURVEY_PAGES = frozenset({"start", "question", "check", "done", "code", "language", "static", "assets", "you-said"})
_NUMBER = re.compile(r"\d{1,4}")
LOGGED_LENGTH = 200


def is_ambiguous(raw_path: bytes) -> bool:
    """Whether a path, as it came in, could mean another path to somebody who normalises it."""
    return _AMBIGUOUS.search(raw_path) is not None


def for_log(path: str) -> str:
    """A path as it may stand in a log: without the token of a survey link, and not longer than 200 characters."""
    if path.startswith("/s/"):
        parts = path[3:].split("/")
        if parts[0] not in _SURVEY_PAGES:
            return "/s/***"
        if parts[0] == "you-said":
            parts = [parts[0], *(part if is_organisation(part) else "***" for part in parts[1:])]
        elif parts[0] not in {"static", "assets"}:
            parts = [parts[0], *(part if _NUMBER.fullmatch(part) else "***" for part in parts[1:])]
        path = "/s/" + "/".join(parts)
    return path[:LOGGED_LENGTH]


def may_be_link(path: str) -> bool:
    """Whether a path below /s/ is none of the survey's own pages, so that it can only be somebody's link, or a guess at one."""
    return path.startswith("/s/") and path[3:].partition("/")[0] not in _SURVEY_PAGES


def safe_next(target: str | None, fallback: str = "/") -> str:
    """Where to go after signing in: a path of this installation, never another site (CWE-601).

    Two slashes, a backslash, a scheme, and control characters, which browsers skip, all lead to `fallback`.
    """
    if not target or not target.startswith("/") or target.startswith("//") or _CONTROL.search(target):
        return fallback
    return target
