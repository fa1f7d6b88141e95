"""Servers on loopback that misbehave as told: what a vendor's client meets on a bad day."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

HANG: Final = None
"""Take the request and never answer."""
CUT: Final = b""
"""Take the request and close the connection."""
GARBAGE: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 7\r\n\r\n<broken"


HALF: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"
"""Begin an answer and never finish it."""


def patience(reply: bytes | None) -> float:
    """Seconds to wait for an answer: few where none will come, many where only a busy machine keeps us waiting."""
    return 0.5 if reply in (HANG, HALF) else 5.0


@dataclass
class Server:
    """A running server: its port and the first lines of the requests it took."""

    port: int
    requests: list[str] = field(default_factory=list)


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole HTTP answer; underscores in header names become hyphens."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


@asynccontextmanager
async def scripted_server(*answers: bytes | None) -> AsyncIterator[Server]:
    """A server that gives each request the next answer of its script, and the last one from then on."""
    script = iter(answers)
    last = answers[-1]
    open_connections: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.add(writer)
        try:
            while line := await reader.readline():
                server.requests.append(line.decode().strip())
                await _skip_rest(reader)
                reply = next(script, last)
                if reply is HANG:
                    await asyncio.Event().wait()
                elif reply == CUT:
                    break
                else:
                    writer.write(reply)
                    await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    server = Server(listener.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listener.close()
        for writer in open_connections:
            writer.close()


def unused_port() -> int:
    """A loopback port on which nothing listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _skip_rest(reader: asyncio.StreamReader) -> None:
    length = 0
    while (header := (await reader.readline()).strip()) != b"":
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
