"""Who may do what with whose things: role by object by verb, for every operation of the OpenAPI document that names a thing.

Another's thing is 404, in the very words of a thing that is not there, and nothing happens to it.
"""

import pytest

from tests.factories.app import sign_in
from tests.factories.experience import publish
from tests.factories.needs import of_the_organizer
from tests.factories.operations import a_world, operations
from tests.factories.owners import HOLDERS, ROWS, Caller, Owner, in_the_matrix
from tests.factories.stores import everything

MATRIX = in_the_matrix()
ABSENT = "0123456789abcdefghjkmnpqrs"


def test_every_operation_that_names_a_thing_has_a_row_and_every_row_an_operation():
    assert ROWS.keys() == MATRIX.keys()
    assert {operation.role for operation in operations().values()} <= HOLDERS.keys()


def expected(operation, caller):
    """What the matrix says: a refusal, or None for «it may»."""
    if caller not in HOLDERS[operation.role]:
        return 401 if caller is Caller.NOBODY else 403
    return None if caller in ROWS[operation.name].owner.value else 404


def token_of(app, caller):
    """The caller's token; nobody has none."""
    return (
        None
        if caller.value is None
        else sign_in(app, caller.value[0], *caller.value[1], organizers=caller.value[2])
    )


async def a_scene(app, operation):
    """The operation's world, in which everybody has an account, and the organizer a campaign."""
    for caller in Caller:
        token_of(app, caller)
    world = await a_world(app, operation)
    if "c_org" in ROWS[operation.name].ids.values():
        await publish(app, of_the_organizer())
    return world


async def things(app):
    """All documents but the answers that are kept for repeats."""
    found = await everything(app.documents)
    return {path: data for path, data in found.items() if not path.startswith("operations/http_")}


async def ask(client, world, caller, **ids):
    """The operation's request in a caller's name; about another thing under another key."""
    row, changes = ROWS[world.operation.name], {}
    if row.fields:
        changes["json"] = {**world.body, **row.fields}
    headers = world.headers
    if "Idempotency-Key" in headers:
        headers |= {"Idempotency-Key": f"a-key-{'-'.join(ids)}"}
    target = world.target(row.query, **(row.ids | ids))
    return await world.send(
        client, token=token_of(world.app, caller), target=target, headers=headers, **changes
    )


@pytest.mark.parametrize("operation", MATRIX.values(), ids=MATRIX)
async def test_for_whom_it_is_not_there_it_is_not_and_stays_as_it_was(app, client, operation):
    world = await a_scene(app, operation)
    before = await things(app)
    for caller in Caller:
        verdict = expected(operation, caller)
        if verdict is None:
            continue
        reply = await ask(client, world, caller)
        assert reply.status == verdict, (caller, reply.body)
        if verdict == 404 and operation.holes:
            absent = await ask(client, world, caller, **dict.fromkeys(operation.holes, ABSENT))
            assert words(reply) == words(absent)
    assert await things(app) == before


def words(reply):
    """What an answer tells."""
    return reply.status, reply.code, reply.json.get("detail")


@pytest.mark.parametrize(
    ("operation", "caller"),
    [
        pytest.param(operation, caller, id=f"{name}-{caller.name.lower()}")
        for name, operation in MATRIX.items()
        for caller in Caller
        if ROWS[name].owner not in (Owner.CALLER, Owner.SITE) and expected(operation, caller) is None
    ],
)
async def test_its_owners_may(app, client, operation, caller):
    reply = await ask(client, await a_scene(app, operation), caller)
    assert reply.status not in (401, 403, 404), reply.body


@pytest.mark.parametrize("name", [name for name in MATRIX if ROWS[name].owner is Owner.CALLER])
async def test_what_is_everybodys_own_touches_nobody_elses(app, client, name):
    world = await a_scene(app, operations()[name])
    before = {
        path: data for path, data in (await everything(app.documents)).items() if "uid-ana" in f"{path}{data}"
    }
    for caller in (Caller.EVA, Caller.MAX, Caller.ADMIN):
        await ask(client, world, caller)
    after = await things(app)

    assert {path: after.get(path) for path in before} == before
