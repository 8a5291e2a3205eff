"""Whether somebody of one organisation could find out what exists in another: by an answer, or by the work that it takes."""

import re
from collections.abc import Collection, Iterable, Mapping
from uuid import uuid4

import httpx

from chassis.identity import Identity
from chassis.testing.fixtures import ServiceClient
from chassis.testing.statements import statements

_NOT_FOUND = 404
# What is another each time in whatever answer.
_VOLATILE = re.compile(
    r'name="(csrf|key|id)" value="[^"]*"|nonce[-="\w+/]*|"request_id":"[^"]*"|urn:uuid:[-\w]+|[0-9a-f]{32}|\d\d:\d\d(:\d\d)?'
)


async def told_apart(
    client: ServiceClient, somebody: Identity, routes: Iterable[tuple[str, str]], names: Mapping[str, str], ids: Collection[str]
) -> list[str]:
    """Routes on which a record of another organisation can be told from one that does not exist.

    `names` stand in the paths; those in `ids` name its records there, in a database that has such rows. Status, words and
    statements have to be the same, and a page or resource is looked for in the database and not found.
    """
    found = []
    async with client.acting_as(somebody) as http:
        for method, path in routes:
            nowhere = {**names, **{each: str(uuid4()) for each in ids}}
            # What is read once and remembered is read now.
            await http.request(method, path.format(**nowhere))
            theirs, work, none, same_work = await _both(http, method, path.format(**names), path.format(**nowhere))
            if work != same_work:
                # Where the time of what is remembered ended between the two, they are alike the second time.
                theirs, work, none, same_work = await _both(http, method, path.format(**names), path.format(**nowhere))
            if _said(theirs, names) != _said(none, nowhere):
                found.append(
                    f"{method} {path}: {theirs.status_code} where it exists elsewhere, {none.status_code} or other words"
                )
            if work != same_work:
                found.append(f"{method} {path}: other work: {sorted(set(work) ^ set(same_work))}")
            if method == "GET" and (theirs.status_code != _NOT_FOUND or not work):
                found.append(f"{method} {path}: {theirs.status_code} after {len(work)} statements")
    return found


async def _both(
    http: ServiceClient, method: str, theirs: str, none: str
) -> tuple[httpx.Response, list[str], httpx.Response, list[str]]:
    """Both answers, each with the statements that it took."""
    with statements() as work:
        first = await http.request(method, theirs)
    with statements() as same_work:
        second = await http.request(method, none)
    return first, work, second, same_work


def _said(answer: httpx.Response, names: Mapping[str, str]) -> tuple[int, str]:
    text = answer.text + answer.headers.get("location", "")
    for name, value in names.items():
        if len(value) > 8:  # noqa: PLR2004 - an id, and no number of a step
            text = text.replace(value, name)
    return answer.status_code, _VOLATILE.sub("", text)
