"""Who may call which route: forged tokens, missing roles, and callers in disguise, on every operation."""

import pytest

from shared.kernel.clock import ManualClock
from tests.factories.app import NOW, make_app, make_settings, sign_in
from tests.factories.client import Client
from tests.factories.forgeries import TABLE, Forge
from tests.factories.identity import PROJECT, local_issuer
from tests.factories.needs import UID
from tests.factories.operations import a_world, operations
from tests.factories.stores import everything

GUARDED = [operation for operation in operations().values() if operation.role != "anonymous"]
each_guarded = pytest.mark.parametrize("operation", GUARDED, ids=lambda operation: operation.name)
RIGHTS = {"user": set(), "organizer": {"organizer"}, "operator": {"operator"}, "admin": {"admin"}}
ONES_OWN = {
    "people_me_favorites_add",
    "people_me_favorites_remove",
    "people_me_devices_remove",
    "people_me_consents_withdraw",
}
"""What stands in the path is no other's: an organizer to follow, a device or consent that one has, or has not."""
OWNED = [
    operation
    for operation in GUARDED
    if operation.holes and operation.role in ("user", "organizer", "staff") and operation.name not in ONES_OWN
]
SPOOFED = ["X-Real-IP", "X-Client-IP", "X-Azure-ClientIP", "X-Original-Forwarded-For", "Forwarded", "True-Client-IP",
           "CF-Connecting-IP", "X-Forwarded-Host", "X-MS-CLIENT-PRINCIPAL-ID", "X-MS-CLIENT-PRINCIPAL"]  # fmt: skip


ALWAYS = ["text: nothing", "exp 1 s on the wrong side", "aud another project", "iss another project", "sub absent",
          "alg 'none' over an RS256 signature"]  # fmt: skip


@pytest.fixture(scope="module")
def forge(tmp_path_factory):
    """What forgeries are made with."""
    folder, clock = tmp_path_factory.mktemp("issuers"), ManualClock(NOW)
    ours, theirs = local_issuer(folder / "ours", clock), local_issuer(folder / "theirs", clock, key="theirs")
    return Forge(ours, theirs, PROJECT, int(NOW.timestamp()))


@each_guarded
async def test_no_forged_token_opens_it(app, client, world, operation, forge):
    """The usual forgeries, and of the other 600 a share for each operation."""
    before = await everything(app.documents)
    for name in {*ALWAYS, *list(TABLE)[GUARDED.index(operation) :: len(GUARDED)]}:
        token = TABLE[name](forge)
        if token.strip() != forge.good:  # HTTP takes the spaces around a token away
            reply = await world.send(client, token=token)
            assert (name, reply.status, reply.code) == (name, 401, "unauthenticated")

    assert await everything(app.documents) == before


@each_guarded
async def test_nobody_comes_in_without_a_token(client, world, operation):
    reply = await world.send(client, token=None)

    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")


@each_guarded
@pytest.mark.parametrize("role", RIGHTS)
async def test_other_roles_do_not_open_it(app, client, world, operation, role):
    reply = await world.send(client, token=sign_in(app, UID, *RIGHTS[role]))
    also = {"user": RIGHTS, "staff": ("organizer", "operator")}.get(operation.role, ())
    may = role in ("admin", operation.role, *also)

    assert (reply.status == 403 and reply.code == "forbidden") is not may


@pytest.mark.parametrize("operation", OWNED, ids=lambda operation: operation.name)
async def test_anothers_does_not_exist(app, client, world, operation):
    """For a stranger who holds the role: a person, or somebody who speaks for another organizer."""
    stranger = sign_in(app, "uid-rival", *RIGHTS["organizer"], organizers=("org_2",))
    before = await kept(app)
    reply = await world.send(client, token=stranger)

    assert (reply.status, await kept(app)) == (404, before)


async def kept(app):
    """All documents but those that keep answers for their repeats."""
    found = await everything(app.documents)
    return {path: data for path, data in found.items() if not path.startswith("operations/")}


async def test_no_header_makes_another_caller(tmp_path, operation):
    """With a limit of two, the third request is refused whatever its caller says of where it comes from."""
    settings = make_settings(cabeceo_data=tmp_path, rate_per_address=2, rate_per_person=2)
    app = make_app(folder=tmp_path, settings=settings)
    world, client = await a_world(app, operation), Client(app)
    statuses = []
    for number in range(3):
        spoofed = dict.fromkeys(SPOOFED, f"198.51.100.{number}")
        spoofed["X-Forwarded-For"] = f"198.51.100.{number}, 192.0.2.{number}:443"
        reply = await world.send(client, headers=world.headers | spoofed)
        statuses.append(reply.status)
    await app.close()

    assert 429 not in statuses[:2]
    assert (statuses[2], reply.code) == (429, "rate_limited")
    assert int(reply.headers["Retry-After"]) > 0
