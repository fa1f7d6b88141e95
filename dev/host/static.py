"""Serves a folder of plain files beside the API, so that page and API share one origin."""

import mimetypes
from pathlib import Path

import azure.functions as func


def file_answer(root: Path, request: func.HttpRequest, path: str) -> func.HttpResponse | None:
    """The file at a decoded path without leading slash, ``index.html`` for a folder; never one outside or hidden."""
    root = root.resolve()
    if request.method not in ("GET", "HEAD") or "\0" in path or any(p[:1] == "." for p in path.split("/")):
        return None
    try:
        file = (root / path).resolve()
        file = file / "index.html" if file.is_dir() else file
        if not file.is_relative_to(root) or not file.is_file():
            return None
        state, content = file.stat(), file.read_bytes()
    except OSError:  # a name too long, a file not ours to read
        return None
    tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return func.HttpResponse(status_code=304, headers=headers)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return func.HttpResponse(content, headers=headers, mimetype=kind)
