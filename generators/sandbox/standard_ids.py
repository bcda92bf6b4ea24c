"""Identifiers that the whole world writes in one form, by the word that a field is called by.

``doi``, ``isbn``, ``iban``, ``cve``: with their digits of control, by Faker where it has them.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from random import Random
from types import MappingProxyType

from faker.generator import Generator

from generators.lexicon.names import split_words

Draw = Callable[[Random], str]


def draw_of(name: str) -> Draw | None:
    """What draws such identifiers, where the name ends in what one is called; else None."""
    words = [word for word in split_words(name) if word not in ("id", "number", "code", "no")]
    return _FORMS.get(words[-1].rstrip("0123456789")) if words else None


def _by_faker(module: str, method: str) -> Draw:
    """``module``: the provider's, which is read when the first is drawn."""

    def draw(rng: Random) -> str:
        generator = Generator()
        generator.random = rng
        provider = import_module(f"faker.providers.{module}").Provider(generator)
        return str(getattr(provider, method)())

    return draw


_LETTERS = "abcdefghjkmnprstvwxyz"
_FORMS: Mapping[str, Draw] = MappingProxyType(
    {
        "doi": lambda rng: (
            f"10.{rng.randint(1101, 9821)}/{''.join(rng.choices(_LETTERS, k=4))}."
            f"{rng.randint(100_000, 999_999)}"
        ),
        "cve": lambda rng: f"CVE-{rng.randint(2021, 2025)}-{rng.randint(10_000, 49_999)}",
        "pmid": lambda rng: str(rng.randint(31_000_000, 39_999_999)),
        "arxiv": lambda rng: (
            f"{rng.randint(21, 25)}{rng.randint(1, 12):02d}.{rng.randint(1000, 19999):05d}"
        ),
        "isbn": _by_faker("isbn.en_US", "isbn13"),
        "iban": _by_faker("bank.en_GB", "iban"),
        "ean": _by_faker("barcode.en_US", "ean13"),
        "gtin": _by_faker("barcode.en_US", "ean13"),
        "upc": _by_faker("barcode.en_US", "upc_a"),
        "vin": _by_faker("automotive.en_US", "vin"),
    }
)
"""Word → what draws the identifiers that it stands for."""
