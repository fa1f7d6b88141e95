"""A sample area with one route of each kind, declared as any other."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func
import pytest
from pydantic import Field

from blueprints.ops import zz_fallback_http
from shared.clients.documents.port import Create
from shared.clients.errors import AlreadyExists
from shared.http.call import Answer, Call
from shared.http.endpoint import ROUTES, endpoint
from shared.kernel.errors import Conflict
from shared.kernel.ids import hashed_id
from shared.kernel.telemetry import count
from shared.kernel.wire import Wire
from shared.people.access import Role
from tests.factories.client import Client


class Note(Wire):
    text: str = Field(max_length=100)
    stars: int = Field(0, ge=0, le=5)
    reply_to: str | None = None


class Search(Wire):
    limit: int = Field(20, ge=1, le=100)


class Kept(Wire):
    note_id: str
    text: str
    reply_to: str | None = None


@dataclass
class Sample:
    """The sample's blueprint, and what its handlers saw and are told to do."""

    bp: func.Blueprint = field(default_factory=func.Blueprint)
    calls: list[Call[Any, Any]] = field(default_factory=list)
    fail: BaseException | None = None
    gate: asyncio.Event | None = None
    started: asyncio.Event = field(default_factory=asyncio.Event)
    app: Any = None

    async def work(self, call):
        self.calls.append(call)
        self.started.set()
        count("read", 2)
        if self.gate:
            await self.gate.wait()
        if self.fail:
            raise self.fail


def declare(sample: Sample) -> None:
    """Its routes."""
    bp = sample.bp

    @endpoint(bp, "GET", "notes", role=Role.ANONYMOUS, summary="List.", answers={200: Kept}, query=Search)
    async def notes_list(call):
        await sample.work(call)
        return Answer(Kept(note_id="n_1", text="hello"), etag="7")

    @endpoint(
        bp,
        "POST",
        "notes",
        role=Role.ANONYMOUS,
        summary="Add.",
        answers={201: Kept},
        body=Note,
        idempotency="optional",
        event="note_added",
        errors=[Conflict],
        example={"text": "hello"},
        answer_example={"noteId": "n_1", "text": "hello"},
    )
    async def notes_add(call):
        await sample.work(call)
        ident = hashed_id("n", call.seed) if call.seed else sample.app.ids.new("n")
        with suppress(AlreadyExists):
            await sample.app.documents.commit([Create(f"notes/{ident}", {"text": call.body.text})])
        body = Kept(note_id=ident, text=call.body.text)
        return Answer(body, status=201, headers={"Location": f"/api/notes/{ident}"})

    @endpoint(bp, "GET", "notes/{id}", role=Role.USER, summary="One.", answers={200: Kept}, if_match=True)
    async def notes_one(call):
        await sample.work(call)
        return Answer(Kept(note_id=call.path["id"], text="hello"), etag="7")

    @endpoint(
        bp,
        "PATCH",
        "notes/{id}",
        role=Role.ORGANIZER,
        summary="Change.",
        answers={204: None},
        body=Note,
        if_match=True,
    )
    async def notes_patch(call):
        await sample.work(call)
        return Answer(status=204)

    @endpoint(
        bp,
        "POST",
        "notes/{id}/sends",
        role=Role.USER,
        summary="Send.",
        answers={202: Kept},
        body=Note,
        idempotency="required",
    )
    async def notes_send(call):
        await sample.work(call)
        return Answer(Kept(note_id=call.path["id"], text=str(call.seed)), status=202)


@pytest.fixture
def sample(app):
    """The routes are gone after the test, so that no other test sees them."""
    before = list(ROUTES)
    sample = Sample(app=app)
    declare(sample)
    yield sample
    ROUTES[:] = before


@pytest.fixture
def client(app, sample):
    return Client(app, sample.bp, zz_fallback_http.bp)
