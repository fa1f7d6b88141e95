"""Documents that are alike: written together they are what each would have been by itself."""

from datetime import UTC, datetime

import pytest

from shared.clients.documents.port import SERVER_TIME, Alike, Blank, Create, Set, Update
from shared.clients.documents.values import same
from shared.clients.errors import AlreadyExists, Refused, Stale
from shared.kernel.telemetry import counted

DATA = {
    "to": {"type": "user", "id": Blank(1)},
    "consent": Blank(2),
    "texts": ["é", Blank(1), "a"],
    "at": datetime(2026, 11, 21, 20, 0, tzinfo=UTC),
    "changed": {"at": SERVER_TIME, "n": 1},
}


def batch(items, *rows):
    return Alike(items, DATA, rows)


async def test_each_row_is_a_document_with_its_own_texts(documents, items):
    committed = await documents.create_alike(
        batch(items, ("d_one", "ana", "cn_1"), ("d_two", "luz 💃", "cn_22"))
    )
    one, two = await documents.get_many([f"{items}/d_one", f"{items}/d_two"])
    assert one.data["to"] == {"type": "user", "id": "ana"}
    assert (two.data["consent"], two.data["texts"]) == ("cn_22", ["é", "luz 💃", "a"])
    assert {each.create_time for each in (one, two)} == {committed}
    assert one.data["changed"]["at"] == two.data["changed"]["at"]


async def test_a_row_is_what_a_create_would_have_written(documents, items):
    await documents.create_alike(batch(items, ("d_1", "ana", "cn_1")))
    filled = DATA | {"to": {"type": "user", "id": "bea"}, "consent": "cn_2", "texts": ["é", "bea", "a"]}
    await documents.commit([Create(f"{items}/d_2", filled)])
    first, second = await documents.get_many([f"{items}/d_1", f"{items}/d_2"])
    told = first.data | {name: second.data[name] for name in ("to", "consent", "texts", "changed")}
    assert same(told, second.data)


async def test_all_or_nothing_together_with_other_writes(documents, items):
    await documents.commit([Create(f"{items}/mark", {"n": 0}), Create(f"{items}/d_2", {})])
    with pytest.raises(AlreadyExists):
        await documents.create_alike(
            batch(items, ("d_1", "a", "b"), ("d_2", "a", "b")), [Update(f"{items}/mark", {"n": 1})]
        )
    with pytest.raises(Stale):
        await documents.create_alike(
            batch(items, ("d_1", "a", "b")), [Update(f"{items}/mark", {"n": 1}, if_updated_at=1000)]
        )
    assert await documents.get(f"{items}/d_1") is None
    await documents.create_alike(batch(items, ("d_1", "a", "b")), [Update(f"{items}/mark", {"n": 1})])
    assert (await documents.get(f"{items}/mark")).data == {"n": 1}


async def test_every_row_is_billed_as_a_write(documents, items):
    with counted() as bill:
        rows = [(f"d_{n:03}", f"person-{n}", "cn") for n in range(499)]
        await documents.create_alike(batch(items, *rows), [Set(f"{items}/mark", {})])
    assert bill == {"write": 500}


@pytest.mark.parametrize(
    ("rows", "also"),
    [
        ([], 1),
        ([(f"d_{n}", "a", "b") for n in range(500)], 1),
        ([("d_1", "a")], 0),
        ([("d_1", "\ud800", "b")], 0),
        ([("a/b", "a", "b")], 0),
    ],
    ids=["no row", "too many", "too few texts", "no Unicode", "no id"],
)
async def test_what_no_store_would_take_is_refused(documents, items, rows, also):
    with pytest.raises(Refused):
        await documents.create_alike(batch(items, *rows), [Set(f"{items}/mark", {})] * also)
    assert await documents.get(f"{items}/d_1") is None
