"""A gRPC server on loopback that answers Firestore's calls as a test says, or passes them on to the emulator."""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import grpc
import grpc.aio

UNARY = ("GetDocument", "Commit")
Answer = Callable[[str, bytes], Awaitable[list[bytes]]]
"""Gives the replies to a method's request, or raises Abort."""


class Abort(Exception):
    """The call ends with this status."""

    def __init__(self, code: grpc.StatusCode, details: str = "") -> None:
        super().__init__(code, details)
        self.code, self.details = code, details


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def service(self, details):
        name = details.method.rsplit("/", 1)[-1]
        if name in UNARY:
            return grpc.unary_unary_rpc_method_handler(partial(self._unary, name))
        return grpc.unary_stream_rpc_method_handler(partial(self._stream, name))

    async def _unary(self, name, request, context):
        return (await self._replies(name, request, context))[0]

    async def _stream(self, name, request, context):
        for reply in await self._replies(name, request, context):
            yield reply

    async def _replies(self, name, request, context):
        try:
            return await self._answer(name, request)
        except Abort as abort:
            await context.abort(abort.code, abort.details)


@asynccontextmanager
async def serving(answer: Answer):
    """Serve, and give the address."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Handler(answer),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def passing_on(host: str):
    """An answer that asks the emulator."""
    async with grpc.aio.insecure_channel(host) as channel:

        async def answer(name, request):
            make = channel.unary_unary if name in UNARY else channel.unary_stream
            call = make(f"/google.firestore.v1.Firestore/{name}")(
                request, metadata=(("authorization", "Bearer owner"),), timeout=20
            )
            try:
                return [await call] if name in UNARY else [reply async for reply in call]
            except grpc.aio.AioRpcError as error:
                raise Abort(error.code(), error.details()) from None

        yield answer
