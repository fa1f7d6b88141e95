"""Run Microsoft's own hosted indexer (azure-functions-runtime) on an app folder; print its functions as JSON.

The library takes the protobuf module from its caller; stand-ins that only hold fields are enough (platform-facts.md §7).
Run in a process of its own: it changes the working directory, the path and the event loop.
"""

import asyncio
import json
import os
import sys
from pathlib import Path


class Record:
    """Stands in for any protobuf message that the library builds."""

    Failure, Success, Cancelled = 0, 1, 2
    undefined, string, binary, stream = 0, 1, 2, 3
    out, inout = 1, 2

    def __init__(self, **fields):
        self.__dict__.update(fields)


setattr(Record, "in", 0)


class Protos:
    """Every message type is a Record."""

    def __getattr__(self, name):
        return Record


async def index(folder: str) -> dict:
    import azure_functions_runtime as runtime

    runtime.start_threadpool_executor()
    request = Record(worker_init_request=Record(capabilities={}, function_app_directory=folder))
    properties = {"host": "127.0.0.1", "protos": Protos()}
    answer = await runtime.worker_init_request(Record(request=request, properties=properties))
    if answer.result.status != Record.Success:
        sys.exit(f"{answer.result.exception.message}\n{answer.result.exception.stack_trace}")
    listed = (await runtime.functions_metadata_request(None)).function_metadata_results or []
    return {function.name: [json.loads(binding) for binding in function.raw_bindings] for function in listed}


if __name__ == "__main__":
    target = str(Path(sys.argv[1]).resolve())
    sys.path.insert(0, target)
    os.chdir(target)
    print(json.dumps(asyncio.run(index(target))))
