"""``segmentBitmaps``: facets as immutable, numbered snapshots, and the sets of people that were pinned for a purpose.

A snapshot is a manifest: for each key the run that wrote its set, so that a new snapshot writes only what changed. Whoever
inserts a manifest's number first has published it; the sets of a run that came second are swept away.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from shared.analytics.bitmaps.bits import Bits, from_bytes, to_bytes
from shared.analytics.segments.facets import Facets
from shared.clients.analytics.port import Analytics
from shared.kernel.clock import Clock

COLLECTION: Final = "segmentBitmaps"
FRESH_SECONDS: Final = 30.0
"""How long an instance takes a manifest for the latest."""
KEPT: Final = timedelta(days=2)
"""How long earlier manifests can be read."""
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Manifest:
    """One snapshot: ``runs`` names for each key the run that wrote its set. Changes until ``watermark`` are in it."""

    generation: int
    as_of: datetime
    watermark: datetime
    runs: Mapping[str, str] = field(repr=False)

    def keys(self, prefix: str) -> list[str]:
        """Every key that begins so."""
        return [key for key in self.runs if key.startswith(prefix)]


class Snapshots:
    """Reads and publishes snapshots; sets that were read stay in memory for as long as they are current."""

    def __init__(self, analytics: Analytics, clock: Clock) -> None:
        self._analytics = analytics
        self._clock = clock
        self._sets: dict[str, tuple[str, Bits]] = {}
        self._latest: Manifest | None = None
        self._asked = -FRESH_SECONDS

    async def latest(self, *, fresh: bool = False) -> Manifest | None:
        """The current snapshot (1 operation every 30 s and instance, or when it has to be ``fresh``); None before the first."""
        now = self._clock.monotonic()
        if fresh or self._latest is None or now - self._asked >= FRESH_SECONDS:
            found = await self._analytics.find(
                COLLECTION, {"kind": "manifest"}, order=[("generation", -1)], limit=1
            )
            self._latest = _manifest(found[0]) if found else None
            self._asked = now
        return self._latest

    async def facets(self, manifest: Manifest, keys: Iterable[str]) -> Facets:
        """These facets of a snapshot (1 operation for each 500 sets that are not in memory)."""
        wanted = {key: manifest.runs[key] for key in keys if key in manifest.runs}
        missing = [key for key, run in wanted.items() if self._sets.get(key, ("",))[0] != run]
        found: dict[str, Bits] = {}
        for start in range(0, len(missing), _AT_ONCE):
            idents = [_set_id(wanted[key], key) for key in missing[start : start + _AT_ONCE]]
            for each in await self._analytics.find(COLLECTION, {"_id": {"$in": idents}}):
                found[each["key"]] = from_bytes(each["data"])
        if self._latest is manifest:
            self._sets |= {key: (wanted[key], members) for key, members in found.items()}
            for key in self._sets.keys() - manifest.runs.keys():
                del self._sets[key]
        return Facets(
            {key: found[key] if key in found else self._sets[key][1] for key in wanted}, manifest.as_of
        )

    async def publish(
        self,
        before: Manifest | None,
        run: str,
        changed: Mapping[str, Bits],
        *,
        watermark: datetime,
        whole: bool = False,
    ) -> Manifest | None:
        """Publish the snapshot that follows; None when another was first.

        Args:
            before: the snapshot that this one follows.
            run: a name that no other run has.
            changed: the sets to write; an empty one removes its key.
            watermark: changes until then are in the snapshot.
            whole: these are all sets there are.
        """
        now = self._clock.now()
        kept = {key: members for key, members in changed.items() if members}
        documents = [
            {"_id": _set_id(run, key), "kind": "set", "key": key, "at": now, "data": to_bytes(members)}
            for key, members in kept.items()
        ]
        for start in range(0, len(documents), _AT_ONCE):
            await self._analytics.insert(COLLECTION, documents[start : start + _AT_ONCE])
        old = {} if whole or before is None else before.runs
        runs = {key: name for key, name in old.items() if key not in changed} | dict.fromkeys(kept, run)
        manifest = Manifest(before.generation + 1 if before else 1, now, watermark, runs)
        if not await self._analytics.insert(COLLECTION, [_document(manifest)]):
            return None
        self._latest, self._asked = manifest, self._clock.monotonic()
        self._sets = {key: held for key, held in self._sets.items() if runs.get(key) == held[0]}
        self._sets |= {key: (run, members) for key, members in kept.items()}
        return manifest

    async def sweep(self, now: datetime) -> int:
        """Delete manifests that are past their time and sets that no manifest names; gives how many."""
        gone = 0
        manifests = await self._analytics.find(COLLECTION, {"kind": "manifest"}, order=[("generation", -1)])
        old = [each["_id"] for each in manifests[1:] if each["asOf"] < now - KEPT]
        named = {
            _set_id(run, key)
            for each in manifests
            if each["_id"] not in old
            for key, run in _manifest(each).runs.items()
        }
        # a set lies there before its manifest does
        where = {"kind": "set", "at": {"$lt": now - KEPT}}
        sets = [each["_id"] for each in await self._analytics.find(COLLECTION, where, fields=["_id"])]
        for idents in (old, [each for each in sets if each not in named]):
            gone += await self._delete(idents)
        return gone

    async def _delete(self, idents: Collection[str]) -> int:
        listed, gone = list(idents), 0
        for start in range(0, len(listed), _AT_ONCE):
            some = listed[start : start + _AT_ONCE]
            gone += await self._analytics.delete(COLLECTION, {"_id": {"$in": some}})
        return gone


def _set_id(run: str, key: str) -> str:
    return f"set/{run}/{key}"


def _document(manifest: Manifest) -> dict[str, Any]:
    # as one text: keys are no field names, and ten thousand of them are one value
    runs = zlib.compress(orjson.dumps(dict(manifest.runs)))
    return {
        "_id": f"manifest/{manifest.generation:010}",
        "kind": "manifest",
        "generation": manifest.generation,
        "asOf": manifest.as_of,
        "watermark": manifest.watermark,
        "runs": runs,
    }


def _manifest(document: Mapping[str, Any]) -> Manifest:
    return Manifest(
        document["generation"],
        document["asOf"],
        document["watermark"],
        orjson.loads(zlib.decompress(document["runs"])),
    )
