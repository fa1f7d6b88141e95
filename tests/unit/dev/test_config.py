"""host.json, app settings and keys (design/platform-facts.md §1 Keys, §2)."""

import json
from datetime import timedelta

import pytest

from dev.host.config import Keys, Refused, expand, read_host_json, read_local_settings


def written(tmp_path, tree):
    path = tmp_path / "host.json"
    path.write_text(json.dumps(tree))
    return path


def test_the_defaults_are_the_hosts(tmp_path):
    settings = read_host_json(written(tmp_path, {"version": "2.0"}), {})
    queues = settings.extensions.queues
    assert settings.extensions.http.route_prefix == "api"
    assert (queues.batch_size, queues.max_dequeue_count) == (16, 5)
    assert queues.visibility_timeout == timedelta()
    assert queues.max_polling_interval == timedelta(minutes=1)
    assert queues.threshold % 8 == 0
    assert queues.threshold >= 8


def test_keys_ignore_case_and_unknown_ones_are_left_alone(tmp_path):
    tree = {
        "version": "2.0",
        "Extensions": {"Queues": {"BATCHSIZE": 4, "newBatchThreshold": 1}, "blobs": {"x": 1}},
    }
    queues = read_host_json(written(tmp_path, tree), {}).extensions.queues
    assert (queues.batch_size, queues.threshold) == (4, 1)


def test_a_time_limit_of_functions_is_refused_since_nothing_here_ends_them(tmp_path):
    for tree, environ in (
        ({"version": "2.0", "functionTimeout": "00:05:00"}, {}),
        ({"version": "2.0"}, {"AzureFunctionsJobHost__functionTimeout": "00:05:00"}),
    ):
        with pytest.raises(Refused, match="functionTimeout"):
            read_host_json(written(tmp_path, tree), environ)


def test_a_setting_overrides_host_json(tmp_path):
    environ = {
        "AzureFunctionsJobHost__extensions__queues__batchSize": "8",
        "AzureFunctionsJobHost__extensions__http__routePrefix": "",
    }
    extensions = read_host_json(written(tmp_path, {"version": "2.0"}), environ).extensions
    assert extensions.queues.batch_size == 8
    assert extensions.http.route_prefix == ""


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ({}, "version"),
        ({"version": "1.0"}, "version"),
        ({"version": "2.0", "extensions": {"queues": {"batchSize": 33}}}, "batchsize"),
        ({"version": "2.0", "extensions": {"queues": {"messageEncoding": "none"}}}, "messageencoding"),
        (
            {"version": "2.0", "extensions": {"queues": {"maxPollingInterval": "00:00:00.05"}}},
            "maxpollinginterval",
        ),
        ({"version": "2.0", "concurrency": {"dynamicConcurrencyEnabled": True}}, "dynamicconcurrencyenabled"),
    ],
)
def test_what_cannot_be_mirrored_stops_the_start(tmp_path, tree, named):
    with pytest.raises(Refused, match=named):
        read_host_json(written(tmp_path, tree), {})


def test_a_broken_or_missing_host_json_stops_the_start(tmp_path):
    with pytest.raises(Refused, match=r"host\.json"):
        read_host_json(tmp_path / "host.json", {})
    (tmp_path / "host.json").write_text("{")
    with pytest.raises(Refused, match=r"host\.json"):
        read_host_json(tmp_path / "host.json", {})


def test_another_time_zone_stops_the_start(tmp_path):
    with pytest.raises(Refused, match="WEBSITE_TIME_ZONE"):
        read_host_json(written(tmp_path, {"version": "2.0"}), {"WEBSITE_TIME_ZONE": "Europe/Paris"})


def test_the_repositorys_own_host_json_is_read(request):
    options = read_host_json(request.config.rootpath / "host.json", {}).extensions.queues
    assert options.visibility_timeout == timedelta(seconds=30)


def test_local_settings_lose_to_the_environment(tmp_path):
    path = tmp_path / "local.settings.json"
    environ = {"A": "mine"}
    read_local_settings(path, environ)
    path.write_text(json.dumps({"Values": {"A": "theirs", "B": "1"}}))
    read_local_settings(path, environ)
    assert environ == {"A": "mine", "B": "1"}


def test_settings_are_filled_in():
    assert expand("%ENV%-%NAME%", {"ENV": "test", "NAME": "work"}) == "test-work"
    assert expand("%NAME%", {}) == "%NAME%"


def test_keys_are_made_once_and_for_the_owner_only(tmp_path):
    path = tmp_path / "data" / "host-keys.json"
    keys = Keys.kept_in(path)
    assert Keys.kept_in(path) == keys
    assert keys.master != keys.host
    assert len(keys.master) > 40
    assert path.stat().st_mode & 0o077 == 0
    assert keys.master not in repr(keys)
