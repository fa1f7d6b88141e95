"""``python -m dev.run``: the app on the local Functions host, until Ctrl-C or SIGTERM (design/local-stack.md)."""

import argparse
import asyncio
import importlib
import logging
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from dev.host.config import Refused, read_host_json, read_local_settings
from dev.host.hosting import GRACE_SECONDS, Host
from dev.host.http import DevRoutes, Extras
from dev.host.loading import import_app, read_functions
from dev.host.queues import WakingQueues
from shared import wiring
from shared.clients.errors import StoreUnavailable
from shared.kernel.telemetry import configure_logging

ROOT = Path(__file__).parent.parent
_STORES = {"DOCUMENTS": "firestore", "QUEUES": "azure", "BLOBS": "azure", "ANALYTICS": "mongo"}


def options(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.run", description=__doc__)
    parser.add_argument(
        "--app", type=Path, default=ROOT / "function_app.py", help="the app's function_app.py"
    )
    parser.add_argument("--port", type=int, default=7071)
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--data", type=Path, default=Path(".local"), help="folder of all local data")
    parser.add_argument("--stores", choices=["embedded", "real"], default="embedded")
    parser.add_argument("--static", type=Path, default=ROOT / "console", help="folder served at /")
    parser.add_argument(
        "--extra",
        help="module:function, async, from wiring.App to development routes; the module's greeting(address) is printed",
    )
    parser.add_argument("--grace", type=int, default=GRACE_SECONDS, help="seconds for what runs at the stop")
    parser.add_argument("--reload", action="store_true", help="start again when the code changes")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Serve; the status for the shell."""
    given = options(arguments)
    if given.reload:
        return _reload(given, arguments)
    os.environ["CABECEO_DATA"] = str(given.data)
    if given.stores == "embedded":
        os.environ |= dict.fromkeys(_STORES, "embedded")
    else:
        os.environ |= _STORES
        os.environ.setdefault("AZUREWEBJOBSSTORAGE", os.environ.get("AZURITE_CONNECTION_STRING", ""))
    try:
        ended = asyncio.run(_serve(given))
    except (Refused, OSError) as error:
        print(f"The local host does not start:\n{error}", file=sys.stderr)
        return 1
    except StoreUnavailable as error:
        print(f"The local host does not start: a store does not answer ({error}).", file=sys.stderr)
        return 1
    if not ended:  # a thread cannot be stopped, and everything else is done
        sys.stdout.flush()
        os._exit(0)
    return 0


def _reload(given: argparse.Namespace, arguments: list[str]) -> int:
    from watchfiles import PythonFilter, run_process  # noqa: PLC0415 - only here

    command = [sys.executable, "-m", "dev.run", *(word for word in arguments if word != "--reload")]
    run_process(
        given.app.resolve().parent,
        target=shlex.join(command),
        target_type="command",
        watch_filter=PythonFilter(ignore_paths=[given.data.resolve()], extra_extensions=("host.json",)),
        debounce=400,  # milliseconds that changes are collected for
        sigint_timeout=given.grace + 5,
    )
    return 0


async def _serve(given: argparse.Namespace) -> bool:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    folder = given.app.parent
    read_local_settings(folder / "local.settings.json", os.environ)
    given.data.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app = wiring.app()
        app.queues = queues = WakingQueues(app.queues)
    except ValueError as error:
        raise Refused(str(error)) from None
    configure_logging(app.settings.log_level)
    try:
        routes, greeting = await _extra(given.extra, app)
        host = Host(
            read_functions(import_app(given.app), os.environ),
            read_host_json(folder / "host.json", os.environ),
            queues,
            given.data,
            Extras(given.static, routes),
        )
        with socket.create_server((given.bind, given.port)) as address:
            # asyncio does this only for sockets that name TCP; without it each kept-alive answer waits 40 ms
            address.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            port = address.getsockname()[1]
            base = f"http://localhost:{port}"
            print(
                f"Serving on {base} (data and keys in {given.data}; Ctrl-C stops)",
                greeting(base),
                sep="\n",
                flush=True,
            )
            return await host.serve(address, stop, given.grace)
    finally:
        await app.close()


async def _extra(place: str | None, app: wiring.App) -> tuple[DevRoutes, Callable[[str], str]]:
    """The development routes of ``module:function``, and what its ``greeting`` says of them, given the address."""
    if place is None:
        return {}, lambda _base: ""
    name, _, function = place.partition(":")
    module = importlib.import_module(name)
    return await getattr(module, function)(app), module.greeting


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
