"""Transactions and guards under concurrency: nothing is lost, nobody waits for ever."""

import asyncio

import pytest

from shared.clients.documents.port import Create, Delete, Increment, Set, Update
from shared.clients.errors import AlreadyExists, Contended, Missing, Refused, Stale

PARALLEL = 64


async def data(documents, path):
    snapshot = await documents.get(path)
    return None if snapshot is None else snapshot.data


async def test_what_is_read_may_be_written(documents, run):
    await documents.commit([Create(run, {"n": 1})])

    async def double(running):
        snapshot = await running.get(run)
        running.write(Update(run, {"n": snapshot.data["n"] * 2}))
        return snapshot.data["n"]

    assert await documents.transaction(double) == 1
    assert await data(documents, run) == {"n": 2}


async def test_a_transaction_that_raises_or_writes_nothing_changes_nothing(documents, run):
    async def fail(running):
        running.write(Create(run, {}))
        raise LookupError

    with pytest.raises(LookupError):
        await documents.transaction(fail)

    async def look(running):
        return await running.get(run)

    assert await documents.transaction(look) is None


async def test_reads_come_before_writes(documents, run):
    async def late(running):
        running.write(Set(run, {}))
        await running.get(run)

    with pytest.raises(Refused):
        await documents.transaction(late)
    assert await documents.get(run) is None


@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize(
    "write",
    [
        lambda path: Create(path, {"by": "body"}),
        lambda path: Set(path, {"by": "body"}),
        lambda path: Update(path, {"by": "body"}),
        Delete,
        lambda path: Set(f"{path}/other/x", {"by": "body"}),
    ],
    ids=["create", "set", "update", "delete", "elsewhere"],
)
async def test_a_change_of_what_was_read_starts_the_body_again(documents, run, write, present):
    """Another's commit after the first read makes a second run, unless what was read rules the write out anyway."""
    if present:
        await documents.commit([Create(run, {"by": "before"})])
    seen = []

    async def body(running):
        snapshot = await running.get(run)
        seen.append(snapshot and snapshot.data["by"])
        if len(seen) == 1:
            await documents.commit([Delete(run) if present else Create(run, {"by": "other"})])
        running.write(write(run))

    ruled_out = {(Create, True): AlreadyExists, (Update, False): Missing}.get((type(write(run)), present))
    fails_at_last = {(Create, False): AlreadyExists, (Update, True): Missing}.get((type(write(run)), present))
    if ruled_out or fails_at_last:
        with pytest.raises(ruled_out or fails_at_last):
            await documents.transaction(body)
    else:
        await documents.transaction(body)
    assert seen == (["before", None] if present else [None, "other"])[: 1 if ruled_out else 2]


async def test_reads_are_of_one_moment(documents, run):
    """A body never sees a pair of which one half is older, though it is changed between its reads."""
    left, right = f"{run}/items/left", f"{run}/items/right"
    await documents.commit([Create(left, {"n": 0}), Create(right, {"n": 0})])
    pairs, starts = [], []

    async def body(running):
        first = await running.get(left)
        starts.append(1)
        if len(starts) == 1:
            await documents.commit([Update(left, {"n": Increment(1)}), Update(right, {"n": Increment(1)})])
        second = await running.get(right)
        pairs.append((first.data["n"], second.data["n"]))
        running.write(Update(left, {"seen": first.data["n"]}))

    await documents.transaction(body)
    assert set(pairs) <= {(0, 0), (1, 1)}
    assert await data(documents, left) == {"n": 1, "seen": 1}


async def test_after_all_attempts_it_is_contended(documents, run):
    runs = []

    async def unlucky(running):
        await running.get(run)
        runs.append(1)
        await documents.commit([Set(run, {"n": len(runs)})])
        running.write(Set(run, {"n": -1}))

    with pytest.raises(Contended):
        await documents.transaction(unlucky, attempts=3)
    assert len(runs) == 3
    assert await data(documents, run) == {"n": 3}


async def test_a_precondition_that_no_run_can_meet_is_contended_or_plain(documents, run):
    await documents.commit([Create(run, {})])

    async def create(running):
        await running.get(f"{run}/items/absent")
        running.write(Create(run, {}))

    with pytest.raises(AlreadyExists):
        await documents.transaction(create)

    async def update(running):
        running.write(Update(f"{run}/items/absent", {"a": 1}))

    with pytest.raises(Missing):
        await documents.transaction(update)


async def test_parallel_transactions_lose_no_increment(documents, run):
    async def increment(running):
        snapshot = await running.get(run)
        running.write(Set(run, {"n": (snapshot.data["n"] if snapshot else 0) + 1}))

    async def persist():
        while True:
            try:
                return await documents.transaction(increment, attempts=10)
            except Contended:
                continue

    await asyncio.gather(*(persist() for _ in range(PARALLEL)))
    assert await data(documents, run) == {"n": PARALLEL}


async def test_parallel_guarded_updates_lose_no_increment(documents, run):
    await documents.commit([Create(run, {"n": 0})])

    async def increment():
        while True:
            snapshot = await documents.get(run)
            try:
                change = Update(run, {"n": snapshot.data["n"] + 1}, if_updated_at=snapshot.update_time)
                return await documents.commit([change])
            except (Stale, Contended):
                continue

    times = await asyncio.gather(*(increment() for _ in range(PARALLEL)))
    assert await data(documents, run) == {"n": PARALLEL}
    assert len(set(times)) == PARALLEL


async def test_parallel_increments_and_creates_are_exact(documents, run):
    await documents.commit([Create(run, {"n": 0})])

    async def once(n):
        try:
            return await documents.commit(
                [Create(f"{run}/ops/{n % 8}", {}), Update(run, {"n": Increment(1)})]
            )
        except AlreadyExists:
            return None

    results = await asyncio.gather(*(once(n) for n in range(PARALLEL)), return_exceptions=True)
    done = sum(isinstance(result, int) for result in results)
    assert (await data(documents, run))["n"] == done <= 8
    assert all(isinstance(result, int | None | Contended) for result in results)
