"""Devices on the wire (design/wire.md, People and operations). What reaches a device is never told to anybody."""

from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.people.places import Name

Platform = Literal["web", "android", "ios"]


class RegisterDevice(Wire):
    """A device that may be sent push notifications: its Firebase installation id or registration token."""

    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_:.%=-]{16,1024}$", repr=False)]
    platform: Platform
    label: Name | None = None


class Device(Wire):
    """One of a person's devices; ``seenAt`` is when it last registered."""

    id: str
    platform: Platform
    label: str | None = None
    created_at: Moment
    seen_at: Moment


class DeviceList(Wire):
    """A person's devices, latest seen first: there are 20 at most."""

    items: list[Device]
