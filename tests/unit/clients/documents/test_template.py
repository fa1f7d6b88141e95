"""The wire template against the encoder that is held against Google's own (tests/contract/documents/test_against_sdk.py)."""

from hashlib import sha256

from google.cloud.firestore_v1.types import firestore
from hypothesis import given
from hypothesis import strategies as st

from shared.clients.documents.alike import all_steps
from shared.clients.documents.firestore_template import commit_bytes
from shared.clients.documents.firestore_wire import Wire
from shared.clients.documents.port import SERVER_TIME, Alike, Blank, Set

WIRE = Wire("demo-cabeceo", "(default)")
MARKS = [sha256(str(number).encode()).hexdigest() for number in range(3)]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [MARKS[0][:5], MARKS[1], "ab", "a" * 300]
)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True) | st.sampled_from(["é ñ", MARKS[0]])
values = st.one_of(
    st.none(),
    st.integers(-9, 9),
    texts,
    st.just(Blank(1)),
    st.just(Blank(2)),
    st.fixed_dictionaries({"a": texts, "id": st.just(Blank(1))}),
    st.just([Blank(2), "x", {"deep": Blank(0)}]),
    st.just(SERVER_TIME),
)
data = st.dictionaries(st.sampled_from(["a", "b", "content", MARKS[2][:3]]), values, max_size=4)


@given(data=data, rows=st.lists(st.tuples(ids, texts, texts), min_size=1, max_size=6))
def test_a_batch_is_the_very_commit_of_its_creations(data, rows):
    batch, also = Alike("messages", data, rows), [Set("marks/one", {"n": 1})]

    raw = firestore.CommitRequest.pb().FromString(commit_bytes(WIRE, batch, also))

    assert raw.database == WIRE.database
    assert list(raw.writes) == [WIRE.write(step) for step in all_steps(batch, also)]
