"""What the models of a folder have cost, and whether there is anything left to spend.

Money and tokens are those of the folder, over all its runs; time is that of this run. A budget is
looked at before each request, so it is exceeded by no more than what is under way.
"""

from threading import Lock
from time import monotonic

from pipeline.chat.profile import Price
from pipeline.chat.request_journal import Answered, read_requests
from pipeline.config import Settings
from schemas.chat import Role
from schemas.errors import BudgetError

ROLES: tuple[Role, ...] = (
    "user", "assistant", "writer", "reviewer", "judge", "documenter", "tool",
)  # fmt: skip


class Prices:
    """Model and role → price, as the settings say."""

    def __init__(self, settings: Settings) -> None:
        profiles = [*((role, settings.profile(role)) for role in ROLES), *settings.seats.values()]
        self._own = {(one.model, role): one.price for role, one in profiles if one.price}
        self._any = {one.model: one.price for _, one in profiles if one.price}

    def find(self, model: str, role: Role) -> Price | None:
        """The price of a model in a role; of that model in another where none is told."""
        return self._own.get((model, role)) or self._any.get(model)

    def cost(self, answered: Answered) -> float:
        """What a request has cost; nothing where no price is told."""
        price, reply = self.find(answered.model, answered.role), answered.reply
        if price is None or reply is None:
            return 0.0
        return price.cost(reply.input_tokens, reply.cached_tokens, reply.output_tokens)


class Spending:
    """What has been spent, and the budgets."""

    def __init__(self, settings: Settings) -> None:
        """What the folder has spent before is read when it is first asked for."""
        self._settings, self._prices = settings, Prices(settings)
        self._begun, self._lock = monotonic(), Lock()
        self._before: tuple[float, int] | None = None
        self.requests = self.run_tokens = 0
        self.run_money = 0.0
        """What this run has finished, and taken for it."""

    def check(self) -> None:
        """Raise BudgetError where a budget is spent."""
        known = self._settings
        had, run = self.before, self.run
        minutes = (monotonic() - self._begun) / 60
        for most, spent, what in (
            (known.budget_money, had[0] + run[0], "money"),
            (known.budget_tokens, had[1] + run[1], "tokens"),
            (known.budget_minutes, minutes, "minutes"),
        ):
            if most is not None and spent >= most:
                raise BudgetError(f"the budget was spent, {spent:,.2f} of {most:,.2f} {what}")

    def note(self, answered: Answered) -> None:
        """Add what this run has paid for."""
        money, tokens = self._cost(answered)
        with self._lock:  # who plays the tools is asked in a thread of its own
            self.requests += 1
            self.run_money += money
            self.run_tokens += tokens

    @property
    def run(self) -> tuple[float, int]:
        """Money and tokens that this run has spent."""
        return self.run_money, self.run_tokens

    @property
    def before(self) -> tuple[float, int]:
        """Money and tokens that the folder had spent before, where a budget asks for them."""
        with self._lock:
            if self._before is None:
                known = self._settings
                budgeted = known.budget_money is not None or known.budget_tokens is not None
                costs = [self._cost(one) for one in read_requests(known.out)] if budgeted else []
                self._before = sum(money for money, _ in costs), sum(tokens for _, tokens in costs)
            return self._before

    def _cost(self, answered: Answered) -> tuple[float, int]:
        """Money and tokens of a request."""
        if answered.reply is None:
            return 0.0, 0
        tokens = answered.reply.input_tokens + answered.reply.output_tokens
        return self._prices.cost(answered), tokens
