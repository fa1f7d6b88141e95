"""Say clearly when this Python cannot carry the app; runs on any Python 3."""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 12):
    sys.exit(
        "Cabeceo runs on Python 3.11 and 3.12; this is {}.{}.\n"
        "On 3.13 the Azure Functions worker has crashed when gRPC is imported, and only previews of Durable "
        "exist (docs/decisions/0001).\n"
        "Name another interpreter, for example: make run PYTHON=python3.12".format(*sys.version_info)
    )
