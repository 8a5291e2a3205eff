"""A PDF as an answer."""

from starlette.responses import Response

from chassis.pages.headers import PAGE_HEADERS


def pdf_response(content: bytes, name: str) -> Response:
    """Answer with a PDF to be saved as `name` (letters, digits, `.` and `-`). Nothing keeps a copy on the way.

    As a file rather than in the window: whoever asks wants it in a folder, and viewers inside browsers read tags badly.
    """
    if not name.isascii() or not name.replace("-", "").replace(".", "").isalnum():
        raise ValueError("a file's name has letters, digits, full stops and hyphens")
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/pdf", headers=headers)
