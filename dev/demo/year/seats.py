"""What the door list of each festival says after every sale."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dev.demo.year.city import FESTIVALS
from dev.demo.year.deeds import Deed


def seats_taken(deeds: Iterable[Deed]) -> Iterator[Deed]:
    """One word of the seats for each purchase, in the order of the sales; what is beyond the capacity is not counted."""
    capacity = {festival.event_id: festival.capacity for festival in FESTIVALS}
    taken = dict.fromkeys(capacity, 0)
    for deed in sorted(deeds, key=lambda deed: (deed.at, deed.person_key, deed.type)):
        if deed.type == "purchase":
            event = deed.metadata["eventId"]
            taken[event] = min(taken[event] + deed.metadata["quantity"], capacity[event])
            told = {
                name: value
                for name, value in deed.metadata.items()
                if name not in ("quantity", "amount", "currency")
            }
            yield replace(
                deed,
                type="seat_change",
                metadata={**told, "taken": taken[event], "capacity": capacity[event]},
            )
