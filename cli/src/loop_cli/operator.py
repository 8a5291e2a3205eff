"""The operator's way into a running installation: through the gateway, with the operator's key, for one organisation."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from loop_cli.servers import ServerError
from loop_cli.stack.layout import Layout
from loop_cli.stack.state import State


class Operator:
    """Calls the gateway as operator; `http` is the client behind it.

    `LOOP_URL` and `LOOP_OPERATOR_KEY_FILE` name an installation; without them it is the one that runs from the data folder.
    A pass that `loop operator sign-in` got lies beside the key (`pass_file`), and is sent with it.
    """

    def __init__(self, url: str, key: str, *, timeout: float = 30.0) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=timeout, headers={"Authorization": f"Bearer {key}"})

    @classmethod
    def of(cls, data: Path | str, *, url: str | None = None, key_file: Path | None = None) -> "Operator":
        """Find the installation that is named here, or by the environment; raises `ServerError` that says what to do."""
        layout = Layout.at(data)
        state = State.read(layout)
        url = url or os.environ.get("LOOP_URL") or (state.url if state and layout.is_locked() else None)
        if url is None:
            raise ServerError(f"Nothing runs with the data in {layout.root}. Start it with `loop up`, or name one in LOOP_URL.")
        path = key_file or key_path(data)
        if not path.exists():
            raise ServerError(f"The operator's key is not at {path}. Name its file in LOOP_OPERATOR_KEY_FILE.")
        key, beside = path.read_text().strip(), pass_file(path)
        return cls(url, f"{key}~{beside.read_text().strip()}" if beside.exists() else key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.http.close()

    def call(self, method: str, path: str, *, org: str | None = None, **options: Any) -> Any:
        """Call and give the JSON answer; raises `ServerError` with the problem's words."""
        headers = options.pop("headers", {}) | ({"Loop-Org": org} if org else {})
        try:
            answer = self.http.request(method, path, headers=headers, **options)
        except httpx.HTTPError as error:
            raise ServerError(f"{self.url} does not answer ({type(error).__name__}). Does it run? `loop status`") from error
        if answer.is_success:
            return answer.json() if answer.content else None
        words = words_of(answer)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            words += (
                "\n  Keys of operators end. Once somebody has one with a name (`loop operator list`), the key that the "
                "installation began with does not count: name the file with yours in LOOP_OPERATOR_KEY_FILE."
            )
        raise ServerError(words)

    def pages(self, path: str, org: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Give every item of a list, page after page; `asked` goes into every query."""
        after: dict[str, Any] = {}
        while True:
            page = self.call("GET", path, org=org, params={**asked, **after})
            yield from page["items"]
            if not page.get("next"):
                return
            after = {"after": page["next"]}


def key_path(data: Path | str) -> Path:
    """Where the operator's key is: what the environment names, or what `loop up` made."""
    return Path(os.environ.get("LOOP_OPERATOR_KEY_FILE") or Layout.at(data).secrets / "operator.key")


def pass_file(key_file: Path) -> Path:
    """Where the pass of a key is."""
    return key_file.with_name(key_file.name + ".pass")


def words_of(answer: httpx.Response) -> str:
    """What a refusal says: the problem's detail and its wrong places."""
    try:
        problem = answer.json()
        lines = [f"{answer.request.method} {answer.request.url.path}: {problem['status']} {problem['detail']}"]
        lines += [f"  {each['pointer'] or '/'}: {each['detail']}" for each in problem.get("errors", [])]
    except (ValueError, KeyError, TypeError):
        return f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
    return "\n".join(lines)
