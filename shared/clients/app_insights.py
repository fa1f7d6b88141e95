"""Application Insights: where spans, metrics and log lines go when a setting names it (design/platform-facts.md §8)."""

import logging
from typing import Final

_LOGGER: Final = "cabeceo"
_OFF: Final = {"enabled": False}
_INSTRUMENTATIONS: Final = (
    "azure_sdk",
    "django",
    "fastapi",
    "flask",
    "psycopg2",
    "requests",
    "urllib",
    "urllib3",
)


def configure(connection_string: str) -> None:
    """Send telemetry from now on; an empty connection string sends nothing and imports nothing.

    Libraries are not instrumented by themselves: their spans would quote addresses with whatever stands in them. What is
    sent is what ``shared.kernel.telemetry`` reports, and nothing is kept on disk.
    """
    if not connection_string:
        return
    from azure.monitor.opentelemetry import configure_azure_monitor

    configure_azure_monitor(
        connection_string=connection_string,
        logger_name=_LOGGER,
        disable_offline_storage=True,
        enable_live_metrics=False,
        instrumentation_options=dict.fromkeys(_INSTRUMENTATIONS, _OFF),
    )
    # the Functions host sends what reaches the root logger to the same place: each line would stand there twice
    logging.getLogger(_LOGGER).propagate = False
