"""What names and descriptions say of how many rows a list shows, and of how many there are."""

import pytest

from generators.lexicon.told_counts import (
    ranked_by,
    tells_size,
    told_default,
    told_most,
    told_total,
)


@pytest.mark.parametrize(
    "said",
    [
        "The number of songs to return. Default is 10.",
        "Maximum number of records to fetch",
        "How many results should be returned",
        "Max items to show",
        "Limits the number of articles",
        "The maximum number of jobs returned per page",
    ],
)
def test_a_size_is_known_by_what_is_said_of_it(said: str) -> None:
    assert tells_size("n", said)


@pytest.mark.parametrize(
    "said",
    ["Maximum number of characters to return", "Number of guests", "Number of days to show",
     "The number of seats that were sold", "Maximum number of lines to return"],
)  # fmt: skip
def test_what_counts_no_rows_is_no_size(said: str) -> None:
    assert not tells_size("n", said)


def test_a_size_is_known_by_its_name() -> None:
    assert tells_size("perPage", "")


@pytest.mark.parametrize(
    ("said", "number"),
    [("Default: 20. Minimum: 1", 20), ("10 by default", 10), ("by default 25 rows", 25),
     ("defaults to 5", 5), ("Default is 0.5", 0.5), ("The default value is 12", 12),
     ("Number of hits; if omitted, 5", 5), ("8 if not given", 8), ("default 20%", None),
     ("Number of hits", None), ("Defaults to the first page", None)],
)  # fmt: skip
def test_a_default_is_read_in_its_usual_wordings(said: str, number: float | None) -> None:
    assert told_default(said) == number


@pytest.mark.parametrize(
    ("said", "most"),
    [("Returns up to 20 results", 20), ("Get the top 5 songs", 5), ("List the 10 latest news", 10),
     ("At most 50 rows are returned.", 50), ("Returns the last 30 days of orders", None),
     ("Returns orders of up to 20 people", None)],
)  # fmt: skip
def test_a_description_tells_the_most_rows(said: str, most: int | None) -> None:
    assert told_most(said) == most


def test_how_many_there_are_is_told_of_one_kind() -> None:
    said = "List the types.\nThere are only 50 product types in the store."
    assert told_total(said, "product") == told_total(said, "type") == 50
    assert told_total(said, "order") is None


@pytest.mark.parametrize(
    ("name", "said", "by"),
    [("top_songs", "", "top"), ("songs", "Retrieve the most streamed songs.", "most"),
     ("songs", "Get the latest songs", "latest"), ("songs", "List songs, newest first", ""),
     ("songs", "List the newest first", ""), ("songs", "List all songs of the top artist", "")],
)  # fmt: skip
def test_a_list_of_the_first_ones_is_known(name: str, said: str, by: str) -> None:
    assert ranked_by(name, said) == by
