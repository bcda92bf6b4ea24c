"""What the energy supplier keeps records of, and the records that it opens with."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

from faker import Faker

Kind = Literal["electricity", "gas"]
Slot = Literal["morning", "afternoon"]


@dataclass
class Customer:
    """Somebody with at least one contract."""

    customer_id: str
    name: str
    email: str
    phone: str
    street: str
    city: str


@dataclass
class Tariff:
    """A price at which energy is sold."""

    tariff_id: str
    name: str
    kind: Kind
    unit_price: float
    monthly_fee: float
    minimum_months: int
    green: bool


@dataclass
class Contract:
    """A customer's supply through one meter."""

    contract_id: str
    customer_id: str
    meter_id: str
    tariff_id: str
    start_date: date
    end_date: date | None
    monthly_payment: float
    status: Literal["active", "terminated"]


@dataclass
class Meter:
    """A counter in a customer's house."""

    meter_id: str
    customer_id: str
    kind: Kind
    last_value: int
    usual_use: int
    """Units in a usual month."""


@dataclass
class Reading:
    """What a meter showed on a day."""

    reading_id: str
    meter_id: str
    value: int
    read_on: date
    source: Literal["customer", "technician"]


@dataclass
class Bill:
    """What is to be paid for a contract."""

    bill_id: str
    contract_id: str
    amount: float
    issued_on: date
    due_date: date
    status: Literal["open", "paid", "disputed", "in instalments"]


@dataclass
class Instalment:
    """An agreement to pay a bill in monthly parts."""

    instalment_id: str
    bill_id: str
    months: int
    monthly_amount: float


@dataclass
class Visit:
    """An appointment of a technician at a meter."""

    visit_id: str
    meter_id: str
    reason: Literal["reading", "repair", "replacement"]
    day: date
    slot: Slot
    status: Literal["planned", "cancelled", "done"]


_TARIFFS: tuple[tuple[str, Kind, float, float, int, bool], ...] = (
    ("Steady Power", "electricity", 0.31, 9.5, 12, False),
    ("Flexi Power", "electricity", 0.36, 7.0, 1, False),
    ("River Power", "electricity", 0.33, 11.0, 12, True),
    ("Night Owl", "electricity", 0.27, 14.0, 24, False),
    ("Steady Gas", "gas", 0.11, 8.0, 12, False),
    ("Flexi Gas", "gas", 0.14, 6.5, 1, False),
    ("Meadow Gas", "gas", 0.13, 9.0, 12, True),
)


def tariffs() -> dict[str, Tariff]:
    """The price list: the same in every world."""
    return {f"trf-{at + 1}": Tariff(f"trf-{at + 1}", *row) for at, row in enumerate(_TARIFFS)}


def customers(rng: Random, faker: Faker) -> dict[str, Customer]:
    """Ten households."""
    cities = [faker.city() for _ in range(4)]
    known: dict[str, Customer] = {}
    for number in range(10):
        first, last = faker.first_name(), faker.last_name()
        customer_id = f"cus-{number + 2001}"
        email = f"{first}.{last}{number}@example.net".lower()
        phone = f"+1 202 555 {rng.randrange(100, 200):04d}"
        known[customer_id] = Customer(
            customer_id, f"{first} {last}", email, phone, faker.street_address(),
            rng.choice(cities),
        )  # fmt: skip
    return known


def meters(rng: Random, known: list[str]) -> dict[str, Meter]:
    """One for electricity in each household, one for gas in some."""
    made: dict[str, Meter] = {}
    for customer_id in known:
        kinds: tuple[Kind, ...] = ("electricity", "gas") if rng.random() < 0.5 else ("electricity",)
        for kind in kinds:
            meter_id = f"met-{len(made) + 301}"
            usual = (
                rng.randrange(180, 420, 10) if kind == "electricity" else rng.randrange(600, 900)
            )
            made[meter_id] = Meter(
                meter_id, customer_id, kind, rng.randrange(4_000, 60_000), usual
            )  # fmt: skip
    return made


def contracts(rng: Random, known: dict[str, Meter], today: date) -> dict[str, Contract]:
    """A running contract for each meter, and a few that have ended."""
    prices = tariffs()
    made: dict[str, Contract] = {}
    for meter in known.values():
        fitting = [tariff for tariff in prices.values() if tariff.kind == meter.kind]
        for status in ("active",) if rng.random() < 0.7 else ("terminated", "active"):
            tariff, contract_id = rng.choice(fitting), f"con-{len(made) + 801}"
            ended = today - timedelta(days=400) if status == "terminated" else None
            start = today - timedelta(days=rng.randrange(20, 390) + (800 if ended else 0))
            payment = round(meter.usual_use * tariff.unit_price + tariff.monthly_fee)
            made[contract_id] = Contract(
                contract_id, meter.customer_id, meter.meter_id, tariff.tariff_id, start, ended,
                float(payment), "terminated" if ended else "active",
            )  # fmt: skip
    return made


def readings(rng: Random, known: dict[str, Meter], today: date) -> dict[str, Reading]:
    """Three of each meter, the last of which it shows."""
    made: dict[str, Reading] = {}
    for meter in known.values():
        for ago in (6, 3, 1):
            reading_id = f"rdg-{len(made) + 401}"
            value = meter.last_value - (ago - 1) * meter.usual_use
            day = today - timedelta(days=ago * 30)
            made[reading_id] = Reading(
                reading_id, meter.meter_id, value, day, rng.choice(("customer", "technician"))
            )  # fmt: skip
    return made


def bills(rng: Random, known: dict[str, Contract], today: date) -> dict[str, Bill]:
    """Two of each contract; the newer is often open."""
    made: dict[str, Bill] = {}
    for contract in known.values():
        for ago in (rng.randrange(70, 120), rng.randrange(3, 60)):
            bill_id, issued = f"bil-{len(made) + 6001}", today - timedelta(days=ago)
            old = ago >= 70 and rng.random() < 0.8
            made[bill_id] = Bill(
                bill_id, contract.contract_id, round(rng.uniform(40, 420), 2), issued,
                issued + timedelta(days=21),
                "paid" if old else rng.choice(("open", "open", "open", "disputed")),
            )  # fmt: skip
    return made


def visits(rng: Random, known: list[str], today: date) -> dict[str, Visit]:
    """Appointments of the past and the next days."""
    made: dict[str, Visit] = {}
    for meter_id in rng.sample(known, len(known) * 2 // 3):
        visit_id, days = f"vis-{len(made) + 51}", rng.randrange(-20, 15)
        done = days < 0
        made[visit_id] = Visit(
            visit_id, meter_id, rng.choice(("reading", "repair", "replacement")),
            today + timedelta(days=days), rng.choice(("morning", "afternoon")),
            "done" if done else "planned",
        )  # fmt: skip
    return made
