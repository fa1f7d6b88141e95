"""Any orchestration of any shape, killed anywhere, comes to the result that plain code would have."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.clock import ManualClock
from tests.factories.app import NOW
from tests.factories.durable import Engine
from tests.integration.durable import samples

NUMBERS = st.integers(0, 9)
FAULTS = st.lists(st.integers(0, 2), min_size=1, max_size=3)
SIMPLE = st.one_of(
    st.tuples(st.just("call"), NUMBERS),
    st.lists(NUMBERS, min_size=1, max_size=4).map(lambda numbers: ("all", *numbers)),
    FAULTS.map(lambda faults: ("stubborn", *faults)),
    st.tuples(st.just("race"), NUMBERS),
    st.tuples(st.just("sleep"), st.sampled_from([1, 13])),
)
PROGRAMS = st.lists(
    st.one_of(SIMPLE, st.lists(SIMPLE, max_size=3).map(lambda steps: ("sub", *steps))), max_size=5
)


def named(steps, path=()):
    """The steps with a name of its own for each activity that fails, and how often it does."""
    faults, out = {}, []
    for place, (kind, *values) in enumerate(steps):
        here = (*path, place)
        if kind == "stubborn":
            names = [f"s{'-'.join(map(str, (*here, index)))}" for index in range(len(values))]
            faults |= dict(zip(names, values, strict=True))
            out.append([kind, *names])
        elif kind == "sub":
            inner, more = named(values, here)
            faults |= more
            out.append([kind, *inner])
        else:
            out.append([kind, *values])
    return out, faults


def expected(steps):
    results = []
    for kind, *values in steps:
        if kind in ("call", "race"):
            results.append(values[0] * 2)
        elif kind == "all":
            results.append([number * 2 for number in values])
        elif kind == "stubborn":
            results.append([*(name.upper() for name in values), 2])
        elif kind == "sub":
            results.append(expected(values))
    return results


@settings(max_examples=25)
@given(steps=PROGRAMS, kills=st.lists(st.integers(1, 12), max_size=4))
async def test_a_killed_program_gives_what_plain_code_gives(steps, kills):
    program, samples.FAILURES = named(steps)
    engine = Engine(None, samples.bp, clock=ManualClock(NOW))
    ident = await engine.start("program", program)
    for step in kills:
        engine.kill_at(step)
        await engine.run_until_idle()
    engine.kill_at(10_000)
    await engine.run_to_end()

    assert engine.status(ident).runtime_status == "Completed"
    assert engine.status(ident).output == expected(program)
    await engine.close()
