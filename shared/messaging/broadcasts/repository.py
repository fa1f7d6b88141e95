"""Broadcasts in the document store."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from shared.clients.documents.port import (
    Create,
    Data,
    Documents,
    FieldPath,
    Order,
    Query,
    Snapshot,
    Update,
    Where,
    Write,
)
from shared.kernel.ids import is_plain
from shared.kernel.pagination import Page as ListPage
from shared.messaging.broadcasts.models import (
    NESTED,
    SEPARATOR,
    Audience,
    Broadcast,
    Exclusions,
    Page,
    Trouble,
    camel,
    plain,
)
from shared.messaging.campaigns.content import Content
from shared.people.profiles.models import Home

COLLECTION: Final = "messageBroadcasts"
PAGES: Final = "audiencePages"
PARTS: Final = "audienceParts"
MAX_SWEPT: Final = 200


class BroadcastRepository:
    """Reads broadcasts and says how to write them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def get(self, ident: str) -> Broadcast | None:
        """One broadcast (1 read); an id that cannot be one costs nothing."""
        found = await self._documents.get(path_of(ident)) if is_plain(ident) else None
        return None if found is None else from_data(found)

    def create(self, broadcast: Broadcast) -> Create:
        """Write a new one."""
        return Create(path_of(broadcast.id), to_data(broadcast))

    def change(self, before: Broadcast, after: Broadcast) -> Update:
        """Write what differs over the very version that was read, else Stale."""
        old, new = to_data(before), to_data(after)
        changed: dict[FieldPath, Any] = {name: value for name, value in new.items() if old[name] != value}
        return Update(path_of(after.id), changed, if_updated_at=before.update_time)

    async def store(self, before: Broadcast, after: Broadcast, also: Sequence[Write] = ()) -> Broadcast:
        """Commit a change (1 write and ``also``); gives what is now stored. Raises Stale."""
        moment = await self._documents.commit([self.change(before, after), *also])
        return replace(after, update_time=moment)

    async def page(self, broadcast: Broadcast, number: int) -> Page | None:
        """A page of the audience (1 read)."""
        found = await self._documents.get(page_path(broadcast.id, number))
        return None if found is None else page_of(found)

    async def list_of(
        self, organizers: Collection[str] | None, *, limit: int, after: list[Any] | None
    ) -> ListPage[Broadcast]:
        """Broadcasts of these organizers (None: of all), newest first (1 read each, and one to know whether more follow)."""
        where: tuple[Where, ...] = ()
        if organizers is not None:
            names = sorted(organizers)
            one = len(names) == 1
            where = (Where("organizerId", "==" if one else "in", names[0] if one else names),)
        start = (datetime.fromisoformat(after[0]), after[1]) if after else None
        query = Query(COLLECTION, where, (Order("createdAt", descending=True),), limit + 1, start)
        found = [from_data(each) for each in await self._documents.query(query)]
        items = found[:limit]
        last = items[-1] if len(found) > limit else None
        return ListPage(items, None if last is None else [last.created_at.isoformat(), last.id])

    async def all_open(self) -> list[Broadcast]:
        """Broadcasts with something left to do (1 read each)."""
        query = Query(COLLECTION, (Where("open", "==", True),), limit=MAX_SWEPT)  # noqa: FBT003 - the value asked for
        return [from_data(each) for each in await self._documents.query(query)]


def path_of(ident: str) -> str:
    """The document's path."""
    return f"{COLLECTION}/{ident}"


def page_path(ident: str, number: int) -> str:
    """Where a page of an audience lies."""
    return f"{COLLECTION}/{ident}/{PAGES}/{number:05d}"


def part_path(ident: str, page: int, part: int) -> str:
    """Where it is kept what became of a part of a page."""
    return f"{COLLECTION}/{ident}/{PARTS}/{page:05d}-{part}"


def page_data(page: Page) -> Data:
    """A page as a document: one text, because an array of 10,000 would cost a hundred times as much to read."""
    return {"people": SEPARATOR.join(page.people), "begin": page.begin, "end": page.end}


def page_of(found: Snapshot) -> Page:
    """A stored page."""
    people = tuple(found.data["people"].split(SEPARATOR)) if found.data["people"] else ()
    return Page(int(found.id), people, found.data["begin"], found.data["end"])


def to_data(broadcast: Broadcast) -> Data:
    """The document."""
    data: Data = {
        camel(each.name): getattr(broadcast, each.name)
        for each in fields(broadcast)
        if each.name not in ("id", "update_time", *NESTED)
    }
    data |= {name: plain(getattr(broadcast, name)) for name in NESTED}
    data["content"] = broadcast.content.model_dump(by_alias=True)
    data["audience"] = plain(broadcast.audience)
    data["channels"] = list(broadcast.channels)
    data["errors"] = [plain(each) for each in broadcast.errors]
    return data


def from_data(found: Snapshot) -> Broadcast:
    """A stored broadcast."""
    data, values = found.data, {}
    for each in fields(Broadcast):
        name = camel(each.name)
        if name in data:
            values[each.name] = data[name]
    for name, kind in NESTED.items():
        values[name] = _built(kind, data[name])
    values["content"] = Content.model_validate(data["content"])
    values["audience"] = _audience(data["audience"])
    values["channels"] = tuple(data["channels"])
    values["errors"] = tuple(_built(Trouble, each) for each in data["errors"])
    return Broadcast(id=found.id, update_time=found.update_time, **values)


def _built(kind: Any, data: Data) -> Any:
    return kind(**{each.name: data[camel(each.name)] for each in fields(kind) if camel(each.name) in data})


def _audience(data: Data) -> Audience:
    audience: Audience = _built(Audience, data)
    left_out = data["exclude"]
    exclude = Exclusions(tuple(left_out["followersOf"]), tuple(left_out["received"]), left_out["condition"])
    place = None if data["place"] is None else _built(Home, data["place"])
    return replace(audience, exclude=exclude, place=place)
