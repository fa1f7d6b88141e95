"""Application Insights is reached only when a setting names it."""

import logging
import subprocess
import sys

from shared.clients import app_insights


def test_without_a_connection_string_the_exporter_is_not_even_imported():
    """Cold start is measured."""
    code = (
        "import sys; from shared.clients import app_insights; app_insights.configure('');"
        "sys.exit('azure.monitor' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_with_one_our_logger_is_sent_once_and_no_library_is_instrumented(monkeypatch):
    given = {}
    monkeypatch.setattr(logging.getLogger("cabeceo"), "propagate", True)
    monkeypatch.setattr(
        "azure.monitor.opentelemetry.configure_azure_monitor", lambda **options: given.update(options)
    )

    app_insights.configure("InstrumentationKey=00000000-0000-0000-0000-000000000000")

    assert given["logger_name"] == "cabeceo"
    assert not logging.getLogger(
        "cabeceo"
    ).propagate  # what reaches the root, the Functions host sends as well
    assert given["disable_offline_storage"]
    assert not any(option["enabled"] for option in given["instrumentation_options"].values())
