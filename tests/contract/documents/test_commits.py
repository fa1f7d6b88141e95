"""Commits: atomic, guarded, and each later than the one before."""

import pytest

from shared.clients.documents.port import (
    DELETE_FIELD,
    MAX_WRITES,
    Create,
    Delete,
    Increment,
    Set,
    Update,
)
from shared.clients.errors import AlreadyExists, Missing, Refused, Stale


async def data(documents, path):
    snapshot = await documents.get(path)
    return None if snapshot is None else snapshot.data


async def test_a_created_document_is_read_back_with_its_times(documents, items):
    committed = await documents.commit([Create(f"{items}/x", {"a": 1})])
    snapshot = await documents.get(f"{items}/x")
    assert (snapshot.path, snapshot.id, snapshot.data) == (f"{items}/x", "x", {"a": 1})
    assert snapshot.create_time == snapshot.update_time == committed
    assert isinstance(committed, int)


async def test_an_absent_document_is_none(documents, items):
    assert await documents.get(f"{items}/none") is None


async def test_many_documents_come_in_the_order_asked_for(documents, items):
    await documents.commit([Create(f"{items}/{name}", {"n": name}) for name in "abc"])
    found = await documents.get_many([f"{items}/{name}" for name in "czabz"])
    assert [snapshot and snapshot.data["n"] for snapshot in found] == ["c", None, "a", "b", None]
    assert await documents.get_many([]) == []


async def test_create_meets_an_existing_document(documents, items):
    await documents.commit([Create(f"{items}/x", {"a": 1})])
    with pytest.raises(AlreadyExists):
        await documents.commit([Create(f"{items}/x", {"a": 2})])
    assert await data(documents, f"{items}/x") == {"a": 1}


async def test_set_replaces_all_and_keeps_the_create_time(documents, items):
    created = await documents.commit([Set(f"{items}/x", {"a": 1, "b": {"c": 1}})])
    committed = await documents.commit([Set(f"{items}/x", {"b": {"d": 2}})])
    snapshot = await documents.get(f"{items}/x")
    assert snapshot.data == {"b": {"d": 2}}
    assert (snapshot.create_time, snapshot.update_time) == (created, committed)
    assert committed > created


async def test_update_needs_a_document(documents, items):
    with pytest.raises(Missing):
        await documents.commit([Update(f"{items}/x", {"a": 1})])
    with pytest.raises(Missing):
        await documents.commit([Update(f"{items}/x", {})])
    assert await documents.get(f"{items}/x") is None


async def test_update_changes_the_named_fields_alone(documents, items):
    await documents.commit([Create(f"{items}/x", {"a": {"b": 1, "c": 2}, "d": {"e": 1}, "f": 1})])
    await documents.commit([Update(f"{items}/x", {"a.b": 9, "d": {"g": 1}, "n.m": [1], "f": DELETE_FIELD})])
    assert await data(documents, f"{items}/x") == {"a": {"b": 9, "c": 2}, "d": {"g": 1}, "n": {"m": [1]}}


async def test_a_field_of_any_name_is_reached_by_a_tuple(documents, items):
    await documents.commit([Create(f"{items}/x", {"caps": {"a.b": 1, "c`d\\": 2, "é ñ": 3}})])
    changes = {("caps", "a.b"): 9, ("caps", "c`d\\"): DELETE_FIELD, ("caps", "0"): Increment(2), ("-",): 1}
    await documents.commit([Update(f"{items}/x", changes)])
    assert await data(documents, f"{items}/x") == {"caps": {"a.b": 9, "é ñ": 3, "0": 2}, "-": 1}


async def test_a_path_through_something_else_makes_a_map_of_it(documents, items):
    await documents.commit([Create(f"{items}/x", {"a": 1, "b": "text"})])
    await documents.commit([Update(f"{items}/x", {"a.b": 1, "b.c": DELETE_FIELD, "q.r": DELETE_FIELD})])
    assert await data(documents, f"{items}/x") == {"a": {"b": 1}, "b": "text"}


async def test_delete_is_content_with_an_absent_document(documents, items):
    await documents.commit([Create(f"{items}/x", {})])
    await documents.commit([Delete(f"{items}/x"), Delete(f"{items}/y")])
    assert await documents.get_many([f"{items}/x", f"{items}/y"]) == [None, None]


@pytest.mark.parametrize(
    "write",
    [
        lambda path, at: Set(path, {"a": 2}, if_updated_at=at),
        lambda path, at: Update(path, {"a": 2}, if_updated_at=at),
        lambda path, at: Delete(path, if_updated_at=at),
    ],
    ids=["set", "update", "delete"],
)
async def test_a_version_guards_a_write(documents, items, write):
    path = f"{items}/x"
    with pytest.raises(Stale):
        await documents.commit([write(path, 1_000)])
    first = await documents.commit([Create(path, {"a": 1})])
    second = await documents.commit([Update(path, {"b": 1})])
    with pytest.raises(Stale):
        await documents.commit([write(path, first)])
    assert await data(documents, path) == {"a": 1, "b": 1}
    await documents.commit([write(path, second)])
    with pytest.raises(Stale):
        await documents.commit([write(path, second)])


async def test_a_commit_happens_whole_or_not_at_all(documents, items):
    await documents.commit([Create(f"{items}/old", {"a": 1})])
    writes = [
        Set(f"{items}/new", {"a": 1}),
        Update(f"{items}/old", {"a": 2}),
        Delete(f"{items}/old"),
        Create(f"{items}/other", {}),
        Update(f"{items}/missing", {"a": 1}),
    ]
    with pytest.raises(Missing):
        await documents.commit(writes)
    found = await documents.get_many([f"{items}/{name}" for name in ("new", "old", "other")])
    assert [snapshot and snapshot.data for snapshot in found] == [None, {"a": 1}, None]
    await documents.commit(writes[:-1])
    found = await documents.get_many([f"{items}/{name}" for name in ("new", "old", "other")])
    assert [snapshot and snapshot.data for snapshot in found] == [{"a": 1}, None, {}]


async def test_writes_to_one_document_follow_each_other(documents, items):
    path = f"{items}/x"
    await documents.commit(
        [Create(path, {"a": 1}), Update(path, {"b": Increment(2)}), Update(path, {"b": Increment(3)})]
    )
    assert await data(documents, path) == {"a": 1, "b": 5}
    version = (await documents.get(path)).update_time
    both = [Update(path, {"a": 2}, if_updated_at=version), Update(path, {"b": 6}, if_updated_at=version)]
    await documents.commit(both)
    assert await data(documents, path) == {"a": 2, "b": 6}
    reborn = await documents.commit([Delete(path), Create(path, {"c": 1})])
    snapshot = await documents.get(path)
    assert (snapshot.data, snapshot.update_time) == ({"c": 1}, reborn)


async def test_a_write_that_changes_nothing_keeps_the_version(documents, items):
    path = f"{items}/x"
    version = await documents.commit([Create(path, {"a": 1, "m": {"x": [1.5]}})])
    later = await documents.commit([Set(path, {"m": {"x": [1.5]}, "a": 1}), Create(f"{items}/y", {})])
    await documents.commit([Update(path, {"a": 1}), Update(path, {"m.x": [1.5]})])
    assert (await documents.get(path)).update_time == version < later
    await documents.commit([Update(path, {"a": 1.0})])
    assert (await documents.get(path)).update_time > version


async def test_commits_of_one_moment_have_rising_times(documents, items):
    times = [await documents.commit([Set(f"{items}/x", {"n": n})]) for n in range(20)]
    assert times == sorted(set(times))


async def test_a_document_and_its_subcollection_are_independent(documents, run):
    await documents.commit([Create(f"{run}/items/x/messages/m", {"a": 1})])
    assert await documents.get(f"{run}/items/x") is None
    await documents.commit([Set(f"{run}/items/x", {}), Delete(f"{run}/items/x")])
    assert await data(documents, f"{run}/items/x/messages/m") == {"a": 1}


async def test_five_hundred_writes_and_no_more(documents, items):
    await documents.commit([Create(f"{items}/{n}", {"n": n}) for n in range(MAX_WRITES)])
    assert (await documents.get(f"{items}/499")).data == {"n": 499}
    with pytest.raises(Refused):
        await documents.commit([Set(f"{items}/{n}", {"n": n}) for n in range(MAX_WRITES + 1)])
    with pytest.raises(Refused):
        await documents.commit([])


async def test_ping_answers_and_a_closed_client_opens_again(documents, items):
    await documents.ping()
    await documents.commit([Set(f"{items}/x", {"a": 1})])
    await documents.close()
    assert await data(documents, f"{items}/x") == {"a": 1}
