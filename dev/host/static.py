"""Serves a folder of plain files beside the API, so that page and API share one origin."""

import mimetypes
from pathlib import Path
from typing import Final

import azure.functions as func

_FRESH: Final = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


class Folder:
    """The files below a folder; ``index.html`` stands for its directory."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def answer(self, request: func.HttpRequest, path: str) -> func.HttpResponse | None:
        """The file at a decoded path without leading slash, or None; never one outside the folder or hidden."""
        if (
            request.method not in ("GET", "HEAD")
            or "\0" in path
            or any(p[:1] == "." for p in path.split("/"))
        ):
            return None
        file = (self._root / path).resolve()
        if file.is_dir():
            file /= "index.html"
        if not file.is_relative_to(self._root) or not file.is_file():
            return None
        state = file.stat()
        headers = {**_FRESH, "ETag": f'"{state.st_mtime_ns:x}-{state.st_size:x}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return func.HttpResponse(status_code=304, headers=headers)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return func.HttpResponse(file.read_bytes(), headers=headers, mimetype=kind)
