"""What is made while nothing looks for rings of garbage counts as old, and looking goes on then."""

import gc

import pytest

from pipeline.garbage import collecting_nothing


def test_what_is_made_counts_as_old_and_looking_goes_on() -> None:
    with collecting_nothing():
        assert not gc.isenabled()
        with collecting_nothing():
            made = [[number] for number in range(10)]
        assert not gc.isenabled()
    assert gc.isenabled()
    assert any(one is made for one in gc.get_objects(generation=2))


def test_looking_goes_on_after_an_error() -> None:
    with pytest.raises(ValueError, match="unreadable"), collecting_nothing():
        raise ValueError("unreadable")
    assert gc.isenabled()
