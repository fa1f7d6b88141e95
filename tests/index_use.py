"""Holds ``infra/firebase/firestore.indexes.json`` against the queries that the whole suite really makes.

That no query lacks an index, the clients see to: they refuse it. Here is the other half: an index without which every
query would still be answered costs a write for each document and serves nobody. A pytest plugin, because the queries
come from every test in every process; it judges whole runs only (``make test``).
"""

from dataclasses import replace

import pytest

from shared.clients.documents.indexes import Asked, Indexes, Shape

DELIVERIES = "messageDeliveries"
_asked: set[Asked] = set()
_gathered = pytest.StashKey[set[Asked]]()


def pytest_configure(config: pytest.Config) -> None:
    """Note what every query asks of indexes."""
    config.stash[_gathered] = _asked
    serve = Indexes.serve

    def noted(self: Indexes, asked: Asked) -> bool:
        _asked.add(asked)
        return serve(self, asked)

    Indexes.serve = noted  # type: ignore[method-assign]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Gather what a worker process noted."""
    for group, equal, orders in getattr(node, "workeroutput", {}).get("indexes_asked", ()):
        _asked.add(Asked(group, frozenset(map(tuple, equal)), tuple(map(tuple, orders))))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A worker process hands over what it noted; the first process judges, where the whole suite went well."""
    config = session.config
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output["indexes_asked"] = [(one.group, list(one.equal), one.orders) for one in _asked]
    elif exitstatus == 0 and _is_whole(config) and (idle := unneeded(Indexes.load(), _asked)):
        for group, shape in idle:
            fields = ", ".join(" ".join(field) for field in shape)
            print(f"\nNo query of the suite needs the index of {group} on ({fields}).")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def unneeded(indexes: Indexes, asked: set[Asked]) -> list[tuple[str, Shape]]:
    """The composite indexes without which each of these queries would still be answered.

    Deliveries lie in a collection for each installation, with the same indexes each: the suite's stands for all.
    """
    suites_own = f"{DELIVERIES}_test"
    return [
        (group, shape)
        for group, shapes in indexes.composite.items()
        for shape in shapes
        if (group == suites_own or not group.startswith(DELIVERIES))
        and all(
            Indexes.serve(_without(indexes, group, shape), one) or not Indexes.serve(indexes, one)
            for one in list(asked)
            if one.group == group
        )
    ]


def _without(indexes: Indexes, group: str, shape: Shape) -> Indexes:
    left = tuple(one for one in indexes.composite[group] if one != shape)
    return replace(indexes, composite={**indexes.composite, group: left})


def _is_whole(config: pytest.Config) -> bool:
    whole = config.args == config.getini("testpaths") and not config.option.keyword
    return whole and config.option.markexpr == "not stores and not browser"
