"""When Python looks for rings of garbage: seldom, and not while a catalogue is opened."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_rarely() -> None:
    """Look for rings of garbage less often: large catalogues are millions of objects that stay."""
    gc.set_threshold(200_000, 20, 100)


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Look for none meanwhile, and take all that there is then for old, without looking through it.

    What is made when a catalogue is opened stays.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()
