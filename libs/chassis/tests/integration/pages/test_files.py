"""Forms with a file, as browsers and programs send them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis import problems
from chassis.pages import csrf_token, read_form_with_file
from chassis.pages.files import read_body_as_file, read_form_with_files, shown_name
from chassis.pages.forms import require_token

MOST = 100_000
SECRET, SESSION = b"s" * 32, "staff:alex"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(openapi_url=None)
    problems.install(app)

    @app.post("/form")
    async def form(request: Request) -> Response:
        async with read_form_with_file(request, "file", MOST) as sent:
            require_token(sent.form, SECRET, SESSION)
            content = sent.file.read() if sent.file else None
        closed = sent.file is None or sent.file.closed
        return JSONResponse(
            {"fields": dict(sent.form), "size": None if content is None else len(content), "name": sent.name, "closed": closed}
        )

    @app.post("/files")
    async def several(request: Request) -> Response:
        async with read_form_with_files(request, "files", MOST) as sent:
            require_token(sent.form, SECRET, SESSION)
            return JSONResponse([(name, len(file.read())) for file, name in sent.files])

    @app.post("/body")
    async def body(request: Request) -> Response:
        async with read_body_as_file(request, MOST) as file:
            return JSONResponse({"size": len(file.read())})

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def token() -> dict[str, str]:
    return {"csrf": csrf_token(SECRET, SESSION)}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


class TestForm:
    async def test_fields_and_file_are_read_and_the_file_is_closed(self, client: httpx.AsyncClient) -> None:
        files = {"file": ("C:\\Users\\a\\Outcomes ä.csv", b"x" * 5000, "text/csv")}
        answer = (await client.post("/form", data={"tool": "füchse\r\n", **token()}, files=files)).json()
        assert answer["fields"]["tool"] == "füchse\n"
        assert (answer["size"], answer["name"], answer["closed"]) == (5000, "Outcomes ä.csv", True)

    async def test_where_no_file_was_chosen_there_is_none(self, client: httpx.AsyncClient) -> None:
        boundary = "b0undary"
        parts = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
            for name, more, value in (("csrf", "", token()["csrf"]), ("file", '; filename=""', ""))
        )
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        answer = await client.post("/form", content=f"{parts}--{boundary}--\r\n".encode(), headers=headers)
        assert (answer.json()["size"], answer.json()["name"]) == (None, "")

    async def test_a_file_under_another_name_is_not_taken(self, client: httpx.AsyncClient) -> None:
        assert (await client.post("/form", data=token(), files={"other": ("a", b"x")})).json()["size"] is None

    async def test_a_form_without_our_token_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/form", data={"csrf": "x"}, files={"file": ("a", b"x")})
        assert (answer.status_code, slug(answer)) == (403, "form-expired")

    @pytest.mark.parametrize("size", [MOST + 1, 10 * MOST])
    async def test_a_larger_file_is_refused_with_what_is_taken(self, client: httpx.AsyncClient, size: int) -> None:
        answer = await client.post("/form", data=token(), files={"file": ("a", b"x" * size)})
        assert (answer.status_code, slug(answer)) == (413, "form-too-large")
        assert "larger than 97 KB" in answer.json()["detail"]

    async def test_two_files_too_many_fields_and_too_long_ones_are_refused(self, client: httpx.AsyncClient) -> None:
        two = [("file", ("a", b"x")), ("file", ("b", b"x"))]
        many = {f"f{number}": "x" for number in range(21)}
        for data, files in ((token(), two), (token() | many, two[:1]), (token() | {"a": "x" * 20_000}, two[:1])):
            answer = await client.post("/form", data=data, files=files)
            assert (answer.status_code, slug(answer)) == (422, "malformed-form")

    @pytest.mark.parametrize(
        ("media_type", "content"),
        [
            ("multipart/form-data", b"x"),
            ("multipart/form-data; boundary=b", b"no boundary"),
            ("multipart/form-data; boundary=b", b"--b\r\nContent-Type: x\r\n\r\nx\r\n--b--\r\n"),
            ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\0\r\n--b--\r\n'),
            ("application/x-www-form-urlencoded", b"a=b"),
            ("", b""),
        ],
    )
    async def test_what_is_no_such_form_is_refused(self, client: httpx.AsyncClient, media_type: str, content: bytes) -> None:
        answer = await client.post("/form", content=content, headers={"content-type": media_type})
        assert (answer.status_code, slug(answer)) in {(422, "malformed-form"), (403, "form-expired")}


class TestFormWithFiles:
    async def test_all_files_of_the_field_are_read(self, client: httpx.AsyncClient) -> None:
        sent = [("files", ("a", b"x")), ("files", ("", b"")), ("other", ("b", b"x")), ("files", ("c/d.txt", b"yz"))]
        answer = await client.post("/files", data=token(), files=sent)
        assert answer.json() == [["a", 1], ["d.txt", 2]]

    async def test_too_much_together_is_refused(self, client: httpx.AsyncClient) -> None:
        sent = [("files", (str(number), b"x" * MOST)) for number in range(8)]
        answer = await client.post("/files", data=token(), files=sent)
        assert (answer.status_code, slug(answer)) == (413, "form-too-large")


class TestBody:
    async def test_it_is_read_as_a_file_within_the_limit(self, client: httpx.AsyncClient) -> None:
        assert (await client.post("/body", content=b"x" * MOST)).json() == {"size": MOST}
        assert (await client.post("/body", content=b"x" * (MOST + 1))).status_code == 413


class TestName:
    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            (None, ""),
            ("a/b\\c.csv", "c.csv"),
            ("../../etc/passwd", "passwd"),
            ("a\n\x1b[31m", "a??[31m"),
            ("é" * 200, "é" * 100),
        ],
    )
    def test_it_can_be_shown(self, given: str | None, shown: str) -> None:
        assert shown_name(given) == shown
