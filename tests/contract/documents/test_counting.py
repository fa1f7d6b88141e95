"""Store operations are counted as Firestore bills them."""

import asyncio

import pytest

from shared.clients.documents.port import Create, Delete, Query, Set, Update, Where
from shared.clients.errors import AlreadyExists, Refused
from shared.kernel.telemetry import counted


async def cost(awaitable):
    with counted() as bill:
        await awaitable
    return dict(bill)


async def test_reads(documents, items):
    await documents.commit([Create(f"{items}/{n}", {"a": n % 2}) for n in range(6)])
    assert await cost(documents.get(f"{items}/0")) == {"read": 1}
    assert await cost(documents.get(f"{items}/none")) == {"read": 1}
    assert await cost(documents.get_many([f"{items}/0", f"{items}/1", f"{items}/none"])) == {"read": 3}
    assert await cost(documents.get_many([])) == {}
    assert await cost(documents.query(Query(items))) == {"read": 6}
    assert await cost(documents.query(Query(items, limit=2))) == {"read": 2}
    assert await cost(documents.query(Query(items, (Where("a", "==", 9),)))) == {"read": 1}
    assert await cost(documents.count(Query(items))) == {"read": 1}
    assert await cost(documents.ping()) == {}


async def test_writes(documents, items):
    writes = [
        Create(f"{items}/a", {}),
        Set(f"{items}/b", {}),
        Update(f"{items}/a", {"n": 1}),
        Delete(f"{items}/c"),
    ]
    assert await cost(documents.commit(writes)) == {"write": 3, "delete": 1}
    assert await cost(documents.commit([Delete(f"{items}/a")])) == {"delete": 1}


async def test_what_did_not_happen_costs_nothing(documents, items):
    await documents.commit([Create(f"{items}/a", {})])
    with counted() as bill:
        for attempt, error in [
            (documents.commit([Create(f"{items}/a", {})]), AlreadyExists),
            (documents.commit([]), Refused),
            (documents.get("bad"), Refused),
            (documents.query(Query("a/b")), Refused),
        ]:
            with pytest.raises(error):
                await attempt
    assert bill == {}


async def test_a_transaction_costs_its_reads_and_writes(documents, items):
    async def body(running):
        await running.get(f"{items}/a")
        running.write(Set(f"{items}/a", {"n": 1}), Create(f"{items}/b", {}))

    assert await cost(documents.transaction(body)) == {"read": 1, "write": 2}

    async def look_at_two(running):
        await running.get(f"{items}/a")
        await running.get(f"{items}/b")
        running.write(Delete(f"{items}/a"))

    # holding on to what was only read is a write that changes nothing
    assert await cost(documents.transaction(look_at_two)) == {"read": 2, "write": 1, "delete": 1}


async def test_each_invocation_has_its_own_bill(documents, items):
    async def invocation(number):
        return await cost(documents.commit([Set(f"{items}/{number}-{n}", {}) for n in range(number)]))

    bills = await asyncio.gather(*(invocation(number) for number in range(1, 6)))
    assert bills == [{"write": number} for number in range(1, 6)]
