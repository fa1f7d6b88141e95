"""Timer triggers, as the Functions host's listener fires them (platform-facts.md §3, §5)."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from azure.functions.meta import Datum
from azure.functions.timer import TimerRequestConverter
from pydantic import AwareDatetime, BaseModel

from dev.host.invoking import Runtime
from dev.host.loading import Function
from dev.host.schedules import Schedule

_NAP_SECONDS: Final = 30.0
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


class Status(BaseModel):
    """What is kept of a timer between starts, in the host's own words. Times are UTC."""

    Last: AwareDatetime
    Next: AwareDatetime
    LastUpdated: AwareDatetime


class TimerListener:
    """Fires one function on its schedule; runs never overlap, and occurrences missed meanwhile are skipped."""

    def __init__(self, function: Function, folder: Path, runtime: Runtime) -> None:
        self._function, self._runtime = function, runtime
        self._schedule = Schedule(function.trigger["schedule"])
        now = runtime.clock.now()
        self._monitored = function.trigger.get("useMonitor", True) and not self._schedule.often(now)
        self._file = folder / f"{function.name}.json"
        self._due = self._schedule.next(now)

    async def run(self) -> None:
        """Fire for ever; cancelling it leaves a run under way to the runtime."""
        late = self._past_due()
        if late or self._function.trigger.get("runOnStartup"):
            await asyncio.shield(self._runtime.start(self._fire(past_due=late)))
        while True:
            while (left := (self._due - self._runtime.clock.now()).total_seconds()) > 0:
                await self._runtime.pause(min(left, _NAP_SECONDS))  # short naps notice that the machine slept
            await asyncio.shield(self._runtime.start(self._fire(past_due=False)))

    def _past_due(self) -> bool:
        """Whether the stored next occurrence was missed; a first start or a changed schedule begins anew."""
        status, now = self._status(), self._runtime.clock.now()
        if status is None or status.Next != self._schedule.next(status.LastUpdated):
            self._keep(status.Last if status else _NEVER)
            return False
        return now > status.Next

    async def _fire(self, *, past_due: bool) -> None:
        started = self._runtime.clock.now()
        await self._runtime.attempt(self._function, lambda: timer_value(self._status(), past_due=past_due))
        self._keep(started)

    def _status(self) -> Status | None:
        if self._monitored and self._file.exists():
            return Status.model_validate_json(self._file.read_text())
        return None

    def _keep(self, last: datetime) -> None:
        now = self._runtime.clock.now()
        self._due = self._schedule.next(now)
        if self._monitored:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".new")
            draft.write_text(Status(Last=last, Next=self._due, LastUpdated=now).model_dump_json())
            draft.replace(self._file)


def timer_value(status: Status | None, *, past_due: bool) -> Any:
    """The func.TimerRequest that the real worker's converter makes."""
    kept = status.model_dump(mode="json") if status else None
    info = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": kept, "IsPastDue": past_due}
    return TimerRequestConverter.decode(Datum(json.dumps(info), "json"), trigger_metadata={})
