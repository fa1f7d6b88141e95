"""A table of bad ID tokens: each name says what is wrong with one, and everything else about it is right.

``TABLE[name](forge)`` makes the token: what Firebase's documentation forbids, what JWT libraries have got wrong over the
years, and what anybody with an editor would try.
"""

from tests.factories.forgeries.claims import parties, subjects, times
from tests.factories.forgeries.forge import Forge, Make
from tests.factories.forgeries.headers import algorithms, key_ids, offered_keys
from tests.factories.forgeries.texts import contents, damage, shapes

__all__ = ["TABLE", "Forge"]

_ROWS = [
    row
    for rows in (times, parties, subjects, algorithms, key_ids, offered_keys, shapes, contents, damage)
    for row in rows()
]
TABLE: dict[str, Make] = dict(_ROWS)
if len(TABLE) != len(_ROWS):
    raise ValueError("two forgeries of one name")
