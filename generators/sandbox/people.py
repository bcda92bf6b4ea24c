"""The people and places behind one row, so that its name, e-mail, city and postcode agree.

A scene invents each person or place once per prefix: ``customer_name`` and ``customer_email`` are
one person's, ``origin_city`` and ``destination_city`` are two places. Tables are made once from a
seeded Faker; drawing from them is what happens per value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import NamedTuple
from unicodedata import normalize

from faker.generator import Generator
from faker.providers.company.en_US import Provider as CompanyNames
from faker.providers.person.en_US import Provider as PersonNames

from generators.lexicon.names import slug, split_words, words_before
from generators.lexicon.tables import load_table, word_set

_TABLE_SEED = 20_260_312
_DRAWS = 8
_CAPITALS = "ABCDEFGHJKLMNPRSTUVWXY"
_PERSON_WORDS = word_set(
    "name first last given family full surname email mail phone mobile telephone handle login"
    " username user id slug contact number firstname lastname display real normalized preferred"
    " nick nickname screen legal"
)
_PLACE_WORDS = word_set(
    "city town country state province region zip postal postcode code street address address1"
    " address2 line airport iata location latitude longitude lat lng lon timezone time zone"
    " currency"
)


@dataclass(frozen=True)
class Person:
    """Somebody; all else follows from the two names."""

    first: str
    last: str
    number: int

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def handle(self) -> str:
        """``mia-larsen``."""
        return f"{_ascii(self.first)}-{_ascii(self.last)}"

    @property
    def email(self) -> str:
        """``mia.larsen@example.com``: the domain is reserved, the mail reaches nobody."""
        host = ("example.com", "example.org", "example.net")[self.number % 3]
        return f"{_ascii(self.first)}.{_ascii(self.last)}@{host}"


class Place(NamedTuple):
    """A city with all that depends on it."""

    city: str
    state: str
    state_code: str
    country: str
    country_code: str
    airport: str
    latitude: float
    longitude: float
    timezone: str
    currency: str
    postcode: str
    dialling: str
    street: str = ""

    @property
    def address(self) -> str:
        """Street, city and postcode in one line."""
        return f"{self.street}, {self.city} {self.postcode}"


@dataclass(frozen=True)
class Names:
    """What Faker was asked once."""

    companies: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]


@cache
def names() -> Names:
    """Names and companies; the same on any machine with the pinned Faker."""
    generator = Generator()
    generator.seed_instance(_TABLE_SEED)
    people, companies = PersonNames(generator), CompanyNames(generator)
    for provider in (people, companies):
        provider.__use_weighting__ = True
        generator.add_provider(provider)
    drawn = [companies.company() for _ in range(240)]
    listed = (people.random_elements(one, 300) for one in (people.first_names, people.last_names))
    return Names(*(tuple(dict.fromkeys(map(str, one))) for one in (drawn, *listed)))


@cache
def streets(country_code: str) -> tuple[str, tuple[str, ...]]:
    """How a country writes a street with its number, and streets that one may live in."""
    written, known = load_table("places")["streets"][country_code]
    return written, tuple(known)


@cache
def places() -> tuple[Place, ...]:
    """All places of the table; postcodes still with their marks."""
    return tuple(Place(*row) for row in load_table("places")["places"])


@cache
def places_by_city() -> Mapping[str, Place]:
    """The first place of each name."""
    return {place.city: place for place in reversed(places())}


@dataclass
class People:
    """Who and where, by prefix. ``parent`` is the scene of the cluster that the row lies in."""

    rng: Random
    parent: "People | None" = None
    people: dict[str, Person] = field(default_factory=dict)
    sites: dict[str, Place] = field(default_factory=dict)

    def meet(self, name: str, full_name: str) -> None:
        """Let the person of a field be the one of this name: the row's e-mail follows from it."""
        first, _, last = full_name.strip().partition(" ")
        if first and last:
            number = sum(map(ord, full_name))
            self.people[_find_whose(name)] = Person(first, last, number)

    def settle(self, name: str, city: str) -> str:
        """The city, which is now the place of a field: the telephone number follows."""
        known = places_by_city().get(city)
        if known is not None:
            self.sites[words_before(name, _PLACE_WORDS)] = _draw_address(known, self.rng)
        return city

    def within(self) -> "People":
        """The scene of an object inside the row: the same places, other people."""
        outer = self.parent.sites if self.parent else {}
        return People(self.rng, sites={**outer, **self.sites})

    def person(self, name: str) -> Person:
        """The person that a field of this name is about."""
        prefix = _find_whose(name)
        known = self.people.get(prefix) or (self.parent and self.parent.people.get(prefix))
        if not known:
            rng, first, last = self.rng, names().first, names().last
            known = Person(rng.choice(first), rng.choice(last), rng.randrange(1000))
            self.people[prefix] = known
        return known

    def place(self, name: str) -> Place:
        """The place that a field of this name is about; origin and destination are two."""
        prefix = words_before(name, _PLACE_WORDS)
        outer = self.parent.sites if self.parent else {}
        if prefix not in self.sites and prefix in outer:
            here = outer[prefix]
            self.sites[prefix] = here._replace(street=_draw_street(here, self.rng))
        elif prefix not in self.sites:
            taken = {place.city for place in self.sites.values()} if prefix else set()
            drawn: list[Place] = []  # the first serves where all others are taken
            while len(drawn) < 2 or (drawn[-1].city in taken and len(drawn) <= _DRAWS):
                drawn.append(_draw_address(self.rng.choice(places()), self.rng))
            self.sites[prefix] = drawn[0] if drawn[-1].city in taken else drawn[-1]
        return self.sites[prefix]


def _find_whose(name: str) -> str:
    """Of whom a field tells: ``customer`` of ``customer_email``, ``to`` of ``email_to_name``."""
    ends = (word for word in split_words(name) if word in ("from", "to"))
    return next(ends, words_before(name, _PERSON_WORDS))


def _draw_address(place: Place, rng: Random) -> Place:
    """The place with a street of its country and a postcode of its own."""
    street = _draw_street(place, rng)
    marks = (  # ``787##`` → ``78704``: ``#`` becomes a digit, ``?`` a capital letter
        str(rng.randrange(10)) if mark == "#" else rng.choice(_CAPITALS) if mark == "?" else mark
        for mark in place.postcode
    )
    return place._replace(street=street, postcode="".join(marks))


def _draw_street(place: Place, rng: Random) -> str:
    """A street of the place's country with a house number, as it is written there."""
    written, known = streets(place.country_code)
    return written.format(number=rng.randint(2, 190), street=rng.choice(known))


@cache
def _ascii(name: str) -> str:
    return slug(normalize("NFKD", name).encode("ascii", "ignore").decode(), "")
