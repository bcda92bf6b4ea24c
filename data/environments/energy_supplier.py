"""The customer service of an energy supplier: contracts, tariffs, meters, bills and visits.

The supplier's system refuses what makes no sense: a meter that runs backwards, a bill that is paid
twice. What the company forbids is in the policies below, and the assistant has to keep to them.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Annotated, Any, Literal, TypeVar

from faker import Faker
from pydantic import Field

from data.environments import energy_records as records
from data.environments.energy_records import (
    Bill,
    Contract,
    Customer,
    Instalment,
    Kind,
    Meter,
    Reading,
    Slot,
    Tariff,
    Visit,
)
from schemas.authoring import ToolError, policy, read, write

Row = TypeVar("Row")
Payment = Annotated[float, Field(ge=10, le=1000)]
Months = Annotated[int, Field(ge=2, le=36)]


class EnergySupplier:
    """Customers, their contracts and all that hangs on them."""

    def __init__(self, seed: int, clock: datetime) -> None:
        """The same seed and day give the same records."""
        rng, faker = Random(seed), Faker("en_US")
        faker.seed_instance(seed)
        self.today = clock.date()
        self.tariffs = records.tariffs()
        self.customers = records.customers(rng, faker)
        self.meters = records.meters(rng, list(self.customers))
        self.contracts = records.contracts(rng, self.meters, self.today)
        self.readings = records.readings(rng, self.meters, self.today)
        self.bills = records.bills(rng, self.contracts, self.today)
        self.visits = records.visits(rng, list(self.meters), self.today)
        self.instalments: dict[str, Instalment] = {}

    # -- looking things up

    @read
    def find_customer(self, email: str) -> Customer:
        """Find the customer who has an email address."""
        for customer in self.customers.values():
            if customer.email == email.lower():
                return customer
        raise ToolError("not_found", f"No customer has the email address {email}.")

    @read
    def get_customer(self, customer_id: str) -> Customer:
        """Get a customer with name, phone and address."""
        return _known(self.customers, customer_id, "customer")

    @read
    def list_contracts(
        self, customer_id: str, status: Literal["active", "terminated"] | None = None
    ) -> list[Contract]:
        """List the contracts of a customer, all or those of one status."""
        _known(self.customers, customer_id, "customer")
        own = [one for one in self.contracts.values() if one.customer_id == customer_id]
        return [contract for contract in own if status in (None, contract.status)]

    @read
    def get_contract(self, contract_id: str) -> Contract:
        """Get a contract with its tariff, meter and monthly payment."""
        return _known(self.contracts, contract_id, "contract")

    @read
    def list_tariffs(self, kind: Kind, green: bool | None = None) -> list[Tariff]:
        """List the tariffs for electricity or gas.

        Args:
            kind: The kind of energy.
            green: Only tariffs with energy from renewable sources, or only others.

        """
        found = [tariff for tariff in self.tariffs.values() if tariff.kind == kind]
        return [tariff for tariff in found if green in (None, tariff.green)]

    @read
    def get_tariff(self, tariff_id: str) -> Tariff:
        """Get a tariff with its prices and minimum term."""
        return _known(self.tariffs, tariff_id, "tariff")

    @read
    def get_meter(self, meter_id: str) -> Meter:
        """Get a meter with the value that it showed last."""
        return _known(self.meters, meter_id, "meter")

    @read
    def list_readings(self, meter_id: str) -> list[Reading]:
        """List the readings of a meter, the oldest first."""
        _known(self.meters, meter_id, "meter")
        return [one for one in self.readings.values() if one.meter_id == meter_id]

    @read
    def list_bills(
        self,
        contract_id: str,
        status: Literal["open", "paid", "disputed", "in instalments"] | None = None,
    ) -> list[Bill]:
        """List the bills of a contract, all or those of one status."""
        _known(self.contracts, contract_id, "contract")
        own = [bill for bill in self.bills.values() if bill.contract_id == contract_id]
        return [bill for bill in own if status in (None, bill.status)]

    @read
    def get_bill(self, bill_id: str) -> Bill:
        """Get a bill with its amount and due date."""
        return _known(self.bills, bill_id, "bill")

    @read
    def list_visits(self, meter_id: str) -> list[Visit]:
        """List the appointments of technicians at a meter."""
        _known(self.meters, meter_id, "meter")
        return [visit for visit in self.visits.values() if visit.meter_id == meter_id]

    # -- contracts

    @write
    def switch_tariff(self, contract_id: str, tariff_id: str) -> Contract:
        """Move a contract to another tariff of the same kind of energy."""
        contract = self._active(contract_id)
        tariff = _known(self.tariffs, tariff_id, "tariff")
        if tariff.kind != self.meters[contract.meter_id].kind:
            raise ToolError("wrong_kind", f"{tariff.name} is a tariff for {tariff.kind}.")
        if tariff_id == contract.tariff_id:
            raise ToolError("conflict", f"The contract has the tariff {tariff.name} already.")
        contract.tariff_id, contract.start_date = tariff_id, self.today
        return contract

    @write
    def terminate_contract(self, contract_id: str, end_date: date) -> Contract:
        """Give notice of a contract.

        Args:
            contract_id: The contract.
            end_date: The last day of supply.

        """
        contract = self._active(contract_id)
        if end_date < self.today:
            raise ToolError("invalid_date", "A contract cannot end in the past.")
        contract.end_date, contract.status = end_date, "terminated"
        return contract

    @write
    def set_monthly_payment(self, contract_id: str, monthly_payment: Payment) -> Contract:
        """Change what is paid in advance for a contract each month.

        Args:
            contract_id: The contract.
            monthly_payment: The new amount in dollars.

        """
        contract = self._active(contract_id)
        contract.monthly_payment = monthly_payment
        return contract

    # -- meters

    @write
    def submit_reading(self, meter_id: str, value: int) -> Reading:
        """Note what a meter shows today, as the customer reads it.

        Args:
            meter_id: The meter.
            value: The number that it shows.

        """
        meter = _known(self.meters, meter_id, "meter")
        if value < meter.last_value:
            problem = f"The meter showed {meter.last_value} before: it cannot run backwards."
            raise ToolError("implausible", problem)
        reading_id = f"rdg-{len(self.readings) + 401}"
        reading = Reading(reading_id, meter_id, value, self.today, "customer")
        self.readings[reading_id], meter.last_value = reading, value
        return reading

    @write
    def book_visit(
        self, meter_id: str, reason: Literal["reading", "repair", "replacement"], day: date,
        slot: Slot,
    ) -> Visit:  # fmt: skip
        """Book an appointment of a technician at a meter.

        Args:
            meter_id: The meter.
            reason: What the technician is to do.
            day: The day of the visit.
            slot: The part of the day.

        """
        _known(self.meters, meter_id, "meter")
        if day <= self.today:
            raise ToolError("invalid_date", "A visit can be booked from tomorrow on.")
        planned = [visit for visit in self.visits.values() if visit.status == "planned"]
        if sum(visit.day == day and visit.slot == slot for visit in planned) >= 2:
            raise ToolError("fully_booked", f"There is no technician left on the {slot} of {day}.")
        visit_id = f"vis-{len(self.visits) + 51}"
        visit = Visit(visit_id, meter_id, reason, day, slot, "planned")
        self.visits[visit_id] = visit
        return visit

    @write
    def cancel_visit(self, visit_id: str) -> Visit:
        """Cancel an appointment that is planned."""
        visit = _known(self.visits, visit_id, "visit")
        if visit.status != "planned":
            raise ToolError("conflict", f"Visit {visit_id} is {visit.status}.")
        visit.status = "cancelled"
        return visit

    # -- bills

    @write
    def pay_bill(self, bill_id: str) -> Bill:
        """Pay an open bill from the customer's account."""
        bill = self._open_bill(bill_id)
        bill.status = "paid"
        return bill

    @write
    def dispute_bill(self, bill_id: str, reason: str) -> Bill:
        """Note that a customer thinks a bill wrong; it need not be paid until that is settled.

        Args:
            bill_id: The bill.
            reason: What is wrong with it, in the customer's words.

        """
        bill = self._open_bill(bill_id)
        if not reason.strip():
            raise ToolError("invalid_request", "A dispute needs a reason.")
        bill.status = "disputed"
        return bill

    @write
    def create_instalments(self, bill_id: str, months: Months) -> Instalment:
        """Let an open bill be paid in equal monthly parts.

        Args:
            bill_id: The bill.
            months: In how many parts.

        """
        bill = self._open_bill(bill_id)
        instalment_id = f"ins-{len(self.instalments) + 1}"
        made = Instalment(instalment_id, bill_id, months, round(bill.amount / months, 2))
        self.instalments[instalment_id], bill.status = made, "in instalments"
        return made

    # -- the rules of the company

    @policy("A tariff is switched only after the minimum term of the present one.",
            of="switch_tariff")  # fmt: skip
    def term_is_over(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Count months of 30 days."""
        contract = self.get_contract(arguments["contract_id"])
        months = self.tariffs[contract.tariff_id].minimum_months
        return self.today >= contract.start_date + timedelta(days=30 * months)

    @policy("A contract ends with at least 14 days' notice.", of="terminate_contract")
    def notice_is_kept(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Compare the last day with today."""
        last = date.fromisoformat(arguments["end_date"])
        return last >= self.today + timedelta(days=14)

    @policy("A contract is not terminated while one of its bills is open.",
            of="terminate_contract")  # fmt: skip
    def nothing_is_open(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Look for open bills."""
        return not self.list_bills(arguments["contract_id"], "open")

    @policy("Only bills over 100 dollars are paid in instalments, and in 12 at most.",
            of="create_instalments")  # fmt: skip
    def worth_instalments(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Look at the amount."""
        return self.get_bill(arguments["bill_id"]).amount > 100 and arguments["months"] <= 12

    @policy("A reading of more than three usual months since the last one is not taken from the "
            "customer: a technician has to look at the meter.", of="submit_reading")  # fmt: skip
    def plausible(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Compare with the usual use."""
        meter = self.get_meter(arguments["meter_id"])
        return bool(arguments["value"] <= meter.last_value + 3 * meter.usual_use)

    @policy("A visit is cancelled at least 2 days before it takes place.", of="cancel_visit")
    def cancelled_in_time(self, tool: str, arguments: dict[str, Any]) -> bool:
        """Compare its day with today."""
        visit = _known(self.visits, arguments["visit_id"], "visit")
        return bool(visit.day >= self.today + timedelta(days=2))

    def _active(self, contract_id: str) -> Contract:
        contract = _known(self.contracts, contract_id, "contract")
        if contract.status != "active":
            raise ToolError("conflict", f"Contract {contract_id} has been terminated.")
        return contract

    def _open_bill(self, bill_id: str) -> Bill:
        bill = _known(self.bills, bill_id, "bill")
        if bill.status != "open":
            raise ToolError("conflict", f"Bill {bill_id} is {bill.status}.")
        return bill


def _known(table: dict[str, Row], key: str, what: str) -> Row:
    if key not in table:
        raise ToolError("not_found", f"There is no {what} {key}.")
    return table[key]
