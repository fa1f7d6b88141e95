"""Reads an archive back: ``python -m dev.archive events/2026-06 > rows.jsonl`` (docs/archive.md).

The settings are the installation's. What was sealed for people who were erased since is left out: nobody can read it.
"""

import argparse
import asyncio
import sys
from typing import TextIO

import orjson

from shared.wiring import App


async def read(app: App, folder: str, out: TextIO) -> int:
    """Write a folder's rows as JSON lines; gives how many. Raises Refused for a blob that is not as it was noted."""
    number = 0
    async for row in app.archive.folder(folder):
        out.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE).decode())
        number += 1
    return number


async def _main(folder: str) -> None:
    app = App()
    try:
        number = await read(app, folder, sys.stdout)
    finally:
        await app.close()
    print(f"{number} rows", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Reads an archive back, as JSON lines.")
    parser.add_argument("folder", help="such as events/2026-06 or deliveries/2026-q2")
    asyncio.run(_main(parser.parse_args().folder))
