"""``python -m benchmarks [name …] [--full] [--rounds N]``: run the named benchmarks, or all, and print a table; writes nothing."""

import argparse
import gc
import importlib
import os
import pkgutil
import platform
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import benchmarks
from benchmarks import Case

MIN_SECONDS = 0.02
"""A repetition calls its way as often as fills this time, so that the clock's grain does not matter."""


def main() -> None:
    """Run what the command line names."""
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    names = [name for name in names if name not in ("__main__", "peers", "world")]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(names))
    parser.add_argument("--full", action="store_true", help="every size, eleven rounds")
    parser.add_argument(
        "--rounds", type=int, help="interleaved repetitions of each way (default 5, 11 with --full)"
    )
    asked = parser.parse_args()
    benchmarks.full = asked.full
    rounds = asked.rounds or (11 if asked.full else 5)
    if unknown := set(asked.names) - set(names):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        f"medians of {rounds} interleaved rounds"
    )
    for name in asked.names or names:
        for case in importlib.import_module(f"benchmarks.{name}").cases():
            run(name, case, rounds)


def run(name: str, case: Case, rounds: int) -> None:
    """Measure the ways of a case in turn and print them; stops when their answers differ."""
    check_equal(name, case)
    repeat = repetition(case)
    wall: dict[str, list[float]] = {way: [] for way in case.ways}
    cpu: dict[str, list[float]] = {way: [] for way in case.ways}
    for turn in range(rounds):
        order = list(case.ways.items())
        for way, work in order if turn % 2 == 0 else reversed(order):
            seconds, busy = repeat(way, work)
            wall[way].append(seconds)
            cpu[way].append(busy)
    ours = next(iter(case.ways))
    print(f"\n{name}: {case.title}")
    print(f"  {'way':<44}{'µs/' + case.unit:>14}{'ratio':>9}{'CPU µs':>12}{'ratio':>9}")
    for way in case.ways:
        print(
            f"  {way:<44}{median(wall[way]) * 1e6:>14.2f}{ratio(wall[way], wall[ours]):>8.1f}x"
            f"{median(cpu[way]) * 1e6:>12.2f}{ratio(cpu[way], cpu[ours]):>8.1f}x"
        )


def ratio(theirs: list[float], mine: list[float]) -> float:
    """How many times more they take: the median of the rounds' ratios."""
    return median(one / other for one, other in zip(theirs, mine, strict=True))


def repetition(case: Case) -> Callable[[str, Callable[[], Any]], tuple[float, float]]:
    """What measures one repetition of a way: seconds by the clock and of the processor, for one unit."""
    if case.measure is not None:
        measure = case.measure
        return lambda _, work: measure(work)
    calls = {way: calls_needed(work) for way, work in case.ways.items()}

    def mean(way: str, work: Callable[[], Any]) -> tuple[float, float]:
        seconds, busy = timed(work, calls[way])
        return seconds / case.units, busy / case.units

    return mean


def check_equal(name: str, case: Case) -> None:
    """Every way gives the same answers, or there is nothing to compare."""
    answers = {way: case.answers(work()) for way, work in case.ways.items()}
    first = next(iter(answers.values()))
    if wrong := [way for way, answer in answers.items() if answer != first]:
        raise SystemExit(f"{name}: {case.title}: other answers than ours from {', '.join(wrong)}")


def calls_needed(work: Callable[[], Any]) -> int:
    """How many calls fill a repetition."""
    seconds, _ = timed(work, 1)
    return max(1, int(MIN_SECONDS / max(seconds, 1e-9)))


def timed(work: Callable[[], Any], calls: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor (all threads of this process) for one call, the mean of ``calls``."""
    gc.collect()
    began, busy = time.perf_counter(), time.process_time()
    for _ in range(calls):
        work()
    return (time.perf_counter() - began) / calls, (time.process_time() - busy) / calls


if __name__ == "__main__":
    main()
