"""The twin of the blob store: files in a folder."""

import asyncio
import os
import tempfile
from pathlib import Path

from shared.clients.blobs.port import check, check_name
from shared.clients.errors import AlreadyExists


class EmbeddedBlobs:
    """Blobs as files below a folder, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def create(self, name: str, body: bytes) -> None:
        """Write a new file: a link to a whole file appears or is refused. Raises AlreadyExists, Refused."""
        check(name, body)
        await asyncio.to_thread(self._create, self._folder / name, body)

    async def read(self, name: str) -> bytes | None:
        """All of a file, or None. Raises Refused."""
        check_name(name)
        return await asyncio.to_thread(self._read, self._folder / name)

    async def close(self) -> None:
        """Nothing is held open."""

    def _create(self, path: Path, body: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
            path.hardlink_to(draft)
        except FileExistsError:
            raise AlreadyExists("the blob is there") from None
        finally:
            Path(draft).unlink()

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
