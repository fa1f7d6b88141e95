"""Devices for push notifications over HTTP (design/wire.md, People and operations)."""

from typing import Final

import azure.functions as func

from shared.http.call import Answer, Call
from shared.http.endpoint import endpoint
from shared.kernel.errors import Conflict, Invalid, Unavailable
from shared.people.access import Role
from shared.people.devices.schemas import Device, DeviceList, RegisterDevice
from shared.wiring import app

bp = func.Blueprint()

_DEVICE: Final = {
    "id": "dv_f3k5m8p2q4r6s8t0v2w4x6y8z0",
    "platform": "web",
    "label": "Laptop",
    "createdAt": "2025-11-03T10:00:00Z",
    "seenAt": "2025-11-03T10:00:00Z",
}


@endpoint(
    bp,
    "GET",
    "people/me/devices",
    role=Role.USER,
    summary="List one's devices for push notifications.",
    answers={200: DeviceList},
    answer_example={"items": [_DEVICE]},
)
async def people_me_devices_list(call: Call) -> Answer:
    """The devices."""
    return Answer(await app().devices.list_of(call.principal.uid or ""))


@endpoint(
    bp,
    "POST",
    "people/me/devices",
    role=Role.USER,
    summary="Register a device for push notifications.",
    description=(
        "To be repeated whenever the app starts: it keeps the device for 270 days more. A device belongs to whoever "
        "registered it last; the token is never shown again. Registering is no consent: that is `POST /people/me/consents`."
    ),
    body=RegisterDevice,
    answers={200: Device},
    errors=[Invalid, Conflict, Unavailable],
    example={"token": "cVx9_3kR-Q2mL0pTz8wYbN", "platform": "web", "label": "Laptop"},
    answer_example=_DEVICE,
)
async def people_me_devices_register(call: Call[RegisterDevice]) -> Answer:
    """The device."""
    return Answer(await app().devices.register(call.principal.uid or "", call.body))


@endpoint(
    bp,
    "DELETE",
    "people/me/devices/{id}",
    role=Role.USER,
    summary="Forget a device.",
    description="What is not one of the caller's devices is left alone.",
    answers={204: None},
    errors=[Unavailable],
)
async def people_me_devices_remove(call: Call) -> Answer:
    """Nothing to say."""
    await app().devices.remove(call.principal.uid or "", call.path["id"])
    return Answer(status=204)
