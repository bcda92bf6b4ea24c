"""Identifiers of the whole world's: their forms, and their digits of control."""

import re
from random import Random

import pytest

from generators.sandbox.standard_ids import draw_of
from generators.sandbox.values import invent

CLOCK = "2026-01-15T09:00:00+00:00"


def weigh(digits: str, *weights: int) -> int:
    """The sum of the digits, weighed in turn."""
    return sum(int(one) * weights[at % len(weights)] for at, one in enumerate(digits))


def holds(name: str, said: str) -> bool:
    """Whether the digits of control are right."""
    digits = said.replace("-", "")
    if name in ("isbn", "ean", "gtin13"):
        return len(digits) == 13 and weigh(digits, 1, 3) % 10 == 0
    if name == "upc_code":
        return len(digits) == 12 and weigh(digits, 3, 1) % 10 == 0
    moved = digits[4:] + digits[:4]
    return int("".join(str(int(one, 36)) for one in moved)) % 97 == 1


@pytest.mark.parametrize("name", ["isbn", "ean", "gtin13", "upc_code", "iban"])
def test_digits_of_control_are_right(name: str) -> None:
    draw = draw_of(name)
    assert draw is not None
    drawn = [draw(Random(seed)) for seed in range(40)]
    assert len({*drawn}) > 30
    assert all(holds(name, one) for one in drawn)
    assert draw(Random(3)) == drawn[3]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("doi", r"10\.\d{4}/[a-z]{4}\.\d{6}"),
        ("paper_doi", r"10\.\d{4}/[a-z]{4}\.\d{6}"),
        ("cve_id", r"CVE-20\d\d-\d{5}"),
        ("pmid", r"3\d{7}"),
        ("arxiv_id", r"2\d[01]\d\.\d{5}"),
        ("vin", r"[A-HJ-NPR-Z0-9]{17}"),
    ],
)
@pytest.mark.parametrize("semantic", ["opaque_id", "number_id"])
def test_a_field_that_is_called_so_is_written_so(name: str, form: str, semantic: str) -> None:
    drawn = invent(semantic, {"type": "string"}, Random(5), name=name, noun="paper", clock=CLOCK)  # type: ignore[arg-type]
    assert re.fullmatch(form, drawn)


@pytest.mark.parametrize("name", ["order_id", "ean_count", "code", "id", "vintage"])
def test_others_have_no_such_form(name: str) -> None:
    assert draw_of(name) is None
