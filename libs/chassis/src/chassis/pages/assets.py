"""Style sheets and icon: small files under names that hold their hash, kept in memory and cached by browsers for ever."""

import json
from dataclasses import dataclass
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Self

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

BUILT = Path(__file__).parent / "static" / "built"
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}


class AssetsMissingError(Exception):
    """The style sheets were not built."""


@dataclass(frozen=True)
class Asset:
    """One built file with its compressed form."""

    media_type: str
    content: bytes
    compressed: bytes


@dataclass(frozen=True)
class Assets:
    """What tools/frontend/build.py made: `names` from plain to hashed names, `files` by hashed name."""

    names: dict[str, str]
    files: dict[str, Asset]

    @classmethod
    def load(cls, folder: Path = BUILT) -> Self:
        """Read the built files. Raises AssetsMissingError with the command that makes them."""
        try:
            names: dict[str, str] = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
            return cls(names, {hashed: _read(folder, hashed) for hashed in names.values()})
        except OSError as error:
            raise AssetsMissingError(
                f"the style sheets are not built ({error.filename}): run tools/frontend/build.py"
            ) from None

    def response(self, name: str, accept_encoding: str) -> Response:
        """Answer with a file by its hashed name, compressed if the browser takes it. Raises HTTPException 404."""
        asset = self.files.get(name)
        if asset is None:
            raise HTTPException(404)
        if "gzip" in accept_encoding:
            headers = {**_HEADERS, "Content-Encoding": "gzip"}
            return Response(asset.compressed, media_type=asset.media_type, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=_HEADERS)


@cache
def built_assets() -> Assets:
    """Return the files that were built, read once a process."""
    return Assets.load()


def mount_static(app: Starlette, path: str, assets: Assets | None = None) -> None:
    """Serve the built files under `path` (`/audit/static`), the same path as `Pages(static_path=...)`."""
    known = assets or built_assets()

    async def static(request: Request) -> Response:
        return known.response(request.path_params["name"], request.headers.get("accept-encoding", ""))

    app.router.add_route(f"{path}/{{name}}", static, methods=["GET"], include_in_schema=False)


def _read(folder: Path, name: str) -> Asset:
    media_type = guess_type(name)[0] or "application/octet-stream"
    return Asset(media_type, (folder / name).read_bytes(), (folder / f"{name}.gz").read_bytes())
