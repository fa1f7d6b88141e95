"""Our own client and Google's, document by document on one Firestore: neither can tell which of them wrote."""

import uuid
from datetime import UTC, datetime

import pytest
from google.api_core import exceptions
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud import firestore
from google.cloud.firestore_v1.types.firestore import CommitRequest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.clients.documents.firestore import FirestoreDocuments
from shared.clients.documents.firestore_template import commit_bytes
from shared.clients.documents.firestore_wire import Wire
from shared.clients.documents.paths import segments
from shared.clients.documents.port import (
    DELETE_FIELD,
    SERVER_TIME,
    Alike,
    ArrayRemove,
    ArrayUnion,
    Blank,
    Create,
    Delete,
    Increment,
    Set,
    Update,
)
from shared.clients.documents.values import same
from shared.clients.documents.writes import steps_of
from shared.clients.errors import AlreadyExists, Missing, Stale
from tests.contract.documents import strategies
from tests.contract.documents.conftest import real_settings
from tests.factories.examples import examples

pytestmark = pytest.mark.stores
usual = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
async def ours(indexes):
    client = FirestoreDocuments(real_settings(), indexes)
    yield client
    await client.close()


@pytest.fixture
async def sdk():
    client = firestore.AsyncClient(project=real_settings().google_cloud_project)
    yield client
    await client._firestore_api.transport.close()


def fresh_path():
    return f"runs/{uuid.uuid4().hex}"


def as_theirs(value):
    """A value with the SDK's marks in the place of ours."""
    match value:
        case Increment(by):
            return firestore.Increment(by)
        case ArrayUnion(values):
            return firestore.ArrayUnion(list(values))
        case ArrayRemove(values):
            return firestore.ArrayRemove(list(values))
        case dict():
            return {name: as_theirs(item) for name, item in value.items()}
    if value is SERVER_TIME:
        return firestore.SERVER_TIMESTAMP
    return firestore.DELETE_FIELD if value is DELETE_FIELD else value


def as_ours(value):
    """A value that the SDK read: its datetime is a class of its own."""
    match value:
        case DatetimeWithNanoseconds():
            return datetime.fromisoformat(value.isoformat())
        case dict():
            return {name: as_ours(item) for name, item in value.items()}
        case list():
            return [as_ours(item) for item in value]
    return value


def stamp_of(nanoseconds):
    """Our version of a document as the SDK takes it."""
    stamp = Timestamp()
    stamp.FromNanoseconds(nanoseconds)
    return stamp


def batch_of(sdk, writes):
    """The same commit, asked of the SDK."""
    batch = sdk.batch()
    for write in writes:
        reference = sdk.document(write.path)
        guard = getattr(write, "if_updated_at", None)
        option = sdk.write_option(last_update_time=stamp_of(guard)) if guard else None
        match write:
            case Create():
                batch.create(reference, as_theirs(write.data))
            case Set():
                batch.set(reference, as_theirs(write.data))
            case Update():
                fields = {
                    sdk.field_path(*segments(name)): as_theirs(item) for name, item in write.fields.items()
                }
                batch.update(reference, fields, option)
            case Delete():
                batch.delete(reference, option)
    return batch


async def read_by_both(ours, sdk, path):
    """The document's data after both have read the same of it: values, types and times."""
    mine, theirs = await ours.get(path), await sdk.document(path).get()
    assert same(as_ours(theirs.to_dict()), mine.data)
    times = [theirs.create_time, theirs.update_time]
    assert [each.timestamp_pb().ToNanoseconds() for each in times] == [mine.create_time, mine.update_time]
    return mine.data


@usual
@given(data=strategies.documents)
async def test_the_sdk_reads_what_we_write(ours, sdk, data):
    path = fresh_path()
    await ours.commit([Create(path, data)])
    assert same(await read_by_both(ours, sdk, path), data)


@usual
@given(data=strategies.documents)
async def test_we_read_what_the_sdk_writes(ours, sdk, data):
    path = fresh_path()
    await sdk.document(path).set(data)
    assert same(await read_by_both(ours, sdk, path), data)


async def test_many_documents_are_the_same_as_the_sdks(ours, sdk, items):
    paths = [f"{items}/{name}" for name in ("b", "absent", "a", "é")]
    await ours.commit([Create(path, {"at": path}) for path in paths if not path.endswith("absent")])
    theirs = {found.reference.path: found.to_dict() async for found in sdk.get_all(map(sdk.document, paths))}
    mine = await ours.get_many(paths)
    assert [snapshot and snapshot.data for snapshot in mine] == [theirs[path] for path in paths]


transforms = st.one_of(
    strategies.numbers.map(Increment),
    st.lists(strategies.scalars, min_size=1, max_size=3).map(lambda values: ArrayUnion(tuple(values))),
    st.lists(strategies.scalars, min_size=1, max_size=3).map(lambda values: ArrayRemove(tuple(values))),
)
timed = transforms | st.just(SERVER_TIME)


def data_with(changes):
    """Documents with transforms in them, also inside a map beside something else."""
    inner = st.dictionaries(strategies.names, changes, max_size=2)
    beside = st.builds(lambda more, value: more | {"kept": value}, inner, strategies.scalars)
    return st.dictionaries(strategies.names, strategies.values | changes | beside, max_size=5)


def fields_with(changes):
    """The fields of an update: names of any text, one or two deep, none inside another.

    Backslashes are left out: the SDK takes the one at a name's end for the start of an escaped quotation mark.
    """
    names = strategies.names.filter(lambda name: "\\" not in name)
    paths = st.lists(names, min_size=1, max_size=2).map(tuple)
    apart = st.lists(paths, min_size=1, max_size=5, unique_by=lambda path: path[0])
    value = strategies.values | changes | st.just(DELETE_FIELD)
    return apart.flatmap(lambda found: st.fixed_dictionaries(dict.fromkeys(found, value)))


guards = st.none() | st.integers(1, 4_000_000_000).map(lambda seconds: seconds * 1_000_000_000 + 123_456_000)
commits = st.lists(
    st.one_of(
        st.builds(Create, st.just("runs/a"), data_with(timed)),
        st.builds(Set, st.just("runs/b"), data_with(timed)),
        st.builds(Update, st.just("runs/é/sub/1"), fields_with(timed), guards),
        st.builds(Delete, st.just("runs/c"), guards),
    ),
    min_size=1,
    max_size=4,
)


def canonical(message):
    """A write as bytes: what stands in a mask or among transforms has no order that matters."""
    copy = type(message)()
    copy.CopyFrom(message)
    copy.update_mask.field_paths.sort()
    copy.update_transforms.sort(key=lambda transform: transform.field_path)
    return copy.SerializeToString(deterministic=True)


@settings(usual, max_examples=examples(300))
@given(writes=commits)
async def test_a_commit_is_the_message_that_the_sdk_sends(sdk, writes):
    known = real_settings()
    wire = Wire(known.google_cloud_project, known.firestore_database)
    mine = [canonical(wire.write(step)) for step in steps_of(writes)]
    assert mine == [canonical(write._pb) for write in batch_of(sdk, writes)._write_pbs]


@usual
@given(before=strategies.documents, fields=fields_with(transforms), data=data_with(transforms))
async def test_the_same_commit_has_the_same_effect(ours, sdk, before, fields, data):
    mine, theirs = fresh_path(), fresh_path()

    def writes(path):
        return [Update(path, fields), Create(f"{path}/sub/new", data), Set(f"{path}/sub/set", data)]

    await ours.commit([Create(mine, before), Create(theirs, before)])
    await ours.commit(writes(mine))
    await batch_of(sdk, writes(theirs)).commit()
    for below in ("", "/sub/new", "/sub/set"):
        found = [await read_by_both(ours, sdk, path + below) for path in (mine, theirs)]
        assert same(*found)


@pytest.mark.parametrize(
    ("write", "errors"),
    [
        (lambda there, _: Create(there, {}), (AlreadyExists, exceptions.AlreadyExists)),
        (lambda _, absent: Update(absent, {"a": 1}), (Missing, exceptions.NotFound)),
        (
            lambda there, _: Update(there, {"a": 1}, if_updated_at=1_000),
            (Stale, exceptions.FailedPrecondition),
        ),
        (lambda there, _: Delete(there, if_updated_at=1_000), (Stale, exceptions.FailedPrecondition)),
    ],
    ids=[
        "create over another",
        "update of nothing",
        "update of another version",
        "delete of another version",
    ],
)
async def test_both_meet_the_same_refusal(ours, sdk, run, write, errors):
    there, absent = f"{run}/items/x", f"{run}/items/y"
    await ours.commit([Create(there, {"a": 0})])
    with pytest.raises(errors[0]):
        await ours.commit([write(there, absent)])
    with pytest.raises(errors[1]):
        await batch_of(sdk, [write(there, absent)]).commit()
    assert await read_by_both(ours, sdk, there) == {"a": 0}


async def test_a_version_read_by_one_guards_a_write_of_the_other(ours, sdk, run):
    await sdk.document(run).set({"a": 1})
    committed = await ours.commit([Update(run, {"a": 2}, if_updated_at=(await ours.get(run)).update_time)])
    [result] = await batch_of(sdk, [Update(run, {"a": 3}, if_updated_at=committed)]).commit()
    assert (await ours.get(run)).update_time == result.update_time.timestamp_pb().ToNanoseconds()
    assert await read_by_both(ours, sdk, run) == {"a": 3}


async def test_the_moment_of_a_commit_is_the_sdks(ours, sdk, run):
    await ours.commit([Create(run, {"at": SERVER_TIME, "m": {"at": SERVER_TIME}})])
    data = await read_by_both(ours, sdk, run)
    assert data["at"] == data["m"]["at"]
    assert data["at"].tzinfo is UTC


@usual
@given(
    texts=st.lists(st.tuples(st.text("abcdefgh0123", min_size=1), st.text(max_size=30)), min_size=1),
    data=strategies.documents,
)
async def test_a_batch_of_alike_documents_is_the_messages_that_the_sdk_sends(sdk, texts, data):
    known = real_settings()
    wire = Wire(known.google_cloud_project, known.firestore_database)
    rows = [(ident, text) for ident, text in texts if text.isprintable()] or [("a", "b")]
    told = {**data, "who": {"id": Blank(1)}, "at": SERVER_TIME}
    sent = CommitRequest.pb().FromString(commit_bytes(wire, Alike("runs", told, rows)))
    theirs = [
        Create(f"runs/{ident}", {**data, "who": {"id": text}, "at": SERVER_TIME}) for ident, text in rows
    ]
    assert [canonical(write) for write in sent.writes] == [
        canonical(write._pb) for write in batch_of(sdk, theirs)._write_pbs
    ]
