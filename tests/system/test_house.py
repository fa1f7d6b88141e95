"""The house checks itself: routes, queues, settings, docs and sizes."""

import ast
import json
import re

import pytest

from dev.host.config import read_host_json
from dev.reference import FOLDER, pages
from shared.clients.queues.port import ALL_QUEUES
from shared.http.endpoint import ROUTES
from shared.http.openapi import openapi_document
from shared.kernel.settings import Settings
from shared.people.access import Role
from tests.contract.rules.test_firestore_rules import COLLECTIONS
from tests.system.functions import ROOT, bindings

SHIPPED = [*ROOT.glob("shared/**/*.py"), *ROOT.glob("blueprints/**/*.py"), *ROOT.glob("dev/**/*.py")]
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 60


def triggers(kind):
    return {
        name: binding
        for name, found in bindings().items()
        for binding in found
        if binding["type"].lower() == kind.lower()
    }


FALLBACK = "zz_fallback"


def test_every_route_declares_a_role():
    """A route that is registered without `endpoint` would have no access rule."""
    declared = {route.name for route in ROUTES}

    assert set(triggers("httpTrigger")) - {FALLBACK} == declared
    assert all(isinstance(route.role, Role) for route in ROUTES)


def test_every_route_stands_in_the_openapi_document():
    paths = openapi_document()["paths"]

    documented = {(method.upper(), path.removeprefix("/")) for path, item in paths.items() for method in item}
    assert {(r.method, re.sub(r":[^}]*|\?", "", r.path)) for r in ROUTES} <= {
        (method, path.removeprefix("api/")) for method, path in documented
    }


def segments(route):
    return [None if part.startswith("{") else part.lower() for part in route.strip("/").split("/")]


def hides(earlier, later):
    """Whether every path of a later route is already taken by an earlier one with the same method."""
    mine, theirs = segments(earlier["route"]), segments(later["route"])
    if not set(earlier.get("methods") or []) & set(later.get("methods") or []):
        return False
    if earlier["route"].startswith("{*"):
        return True
    return len(mine) == len(theirs) and all(a is None or a == b for a, b in zip(mine, theirs, strict=True))


def test_no_route_hides_another_under_the_hosts_name_order():
    """The host takes the first match in order of function names, not the most exact one (platform-facts.md §1)."""
    ordered = [
        binding for _, binding in sorted(triggers("httpTrigger").items(), key=lambda item: item[0].lower())
    ]

    hidden = [
        (earlier["route"], later["route"])
        for index, earlier in enumerate(ordered)
        for later in ordered[index + 1 :]
        if hides(earlier, later)
    ]
    assert hidden == []


def test_every_queue_has_exactly_one_consumer():
    consumed = sorted(binding["queueName"] for binding in triggers("queueTrigger").values())

    assert consumed == sorted(ALL_QUEUES)


def test_the_example_settings_name_only_settings_that_exist():
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]
    platform = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}

    assert {name for name in values if name.lower() not in Settings.model_fields} <= platform


def test_every_page_and_every_link_is_found_from_the_readme():
    link = re.compile(r"\]\(([^)#\s]+)")
    found, todo, broken = set(), [ROOT / "README.md"], []
    while todo:
        page = todo.pop().resolve()
        if page in found:
            continue
        found.add(page)
        targets = link.findall(page.read_text()) if page.suffix == ".md" else []
        for target in targets:
            if not target.startswith("http"):
                (todo if (page.parent / target).exists() else broken).append(page.parent / target)

    assert broken == []
    assert {*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")} <= found


def test_the_example_settings_are_valid():
    values = json.loads((ROOT / "local.settings.example.json").read_text())["Values"]

    assert Settings.model_validate({name.lower(): value for name, value in values.items()})


@pytest.mark.parametrize("name", sorted(pages()))
def test_reference_pages_agree_with_the_code(name):
    """After a change of settings, routes, queues, errors or attributes: `make docs`."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]


def test_nothing_but_the_settings_reads_the_environment():
    # Firebase Admin takes its emulator's address from the environment only
    allowed = {ROOT / "shared/kernel/settings.py", ROOT / "shared/clients/identity/firebase.py"}
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in SHIPPED
        if path not in allowed and "dev" not in path.relative_to(ROOT).parts[0]
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    ]

    assert readers == []


def test_the_security_rules_are_tried_on_every_collection():
    """Collections of documents are named by constants; those of figures are no browser's (shared/analytics)."""
    named = re.compile(r'^(?:COLLECTION|EDITIONS|BLOCKS): Final = "(\w+)"', re.MULTILINE)
    used = {
        name
        for path in ROOT.glob("shared/**/*.py")
        if "analytics" not in path.parts
        for name in named.findall(path.read_text())
    }

    assert "experienceProfiles" in used
    assert used <= set(COLLECTIONS)


def code_lines(node):
    """Lines of a function without its docstring: explaining is not what makes one long."""
    said = node.body[0]
    spoken = said.end_lineno - said.lineno + 1 if ast.get_docstring(node) is not None else 0
    return node.end_lineno - node.lineno + 1 - spoken


def test_files_and_functions_stay_small():
    """The aim is 250 lines and 40; past these bounds something wants to be split (style.md §3)."""
    large = [p.relative_to(ROOT).as_posix() for p in SHIPPED if p.read_text().count("\n") > MAX_FILE_LINES]
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SHIPPED
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if code_lines(node) > MAX_FUNCTION_LINES
    ]

    assert (large, long) == ([], [])


def test_the_settings_of_host_json_hold_in_the_local_host():
    options = read_host_json(ROOT / "host.json", {}).extensions.durable_task
    given = json.loads((ROOT / "host.json").read_text())["extensions"]["durableTask"]

    assert options.hub_name == given["hubName"] == "Cabeceo"
    assert options.max_concurrent_activity_functions == given["maxConcurrentActivityFunctions"]
    assert options.max_concurrent_orchestrator_functions == given["maxConcurrentOrchestratorFunctions"]


def test_commands_in_the_readme_exist():
    """Each `make target` that the README or the contributors' page names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word
        for page in ("README.md", "CONTRIBUTING.md")
        for word in re.findall(r"`?make ([a-z-]+)", (ROOT / page).read_text())
    }

    assert named <= targets
