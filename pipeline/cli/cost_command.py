"""What ``toolweave cost`` does: tells from the journal of requests what a folder has cost.

By stage, role, model and what became of the candidates; and what so many accepted ones would cost,
by those that there are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import reduce
from math import hypot, sqrt
from pathlib import Path
from statistics import fmean, stdev

from rich.text import Text

from pipeline.chat.activity import tell_money
from pipeline.chat.request_journal import REQUESTS, Answered, read_requests
from pipeline.chat.spending import Prices
from pipeline.cli.answers import SafeConsole, make_table, print_json
from pipeline.config import Settings, validate
from pipeline.run.data_index import read_index
from pipeline.run.drawn_sizes import ENOUGH, Sizes, read_sizes
from pipeline.run.manifest import ACCEPTED, Manifest, read_manifest
from pipeline.run.output_folder import manifest_of
from schemas.errors import InputError
from schemas.record import Record

_TOLD = ("model", "rewrite", "write_tasks", "judge_model", "user_model", "base_url", "roles",
         "judges")  # fmt: skip
"""Keys of a manifest's settings that prices hang on."""
_NOTHING_MADE = Manifest(toolweave="", fingerprint="", settings={}, shard_size=1)
_MANY = 3 * ENOUGH
"""Candidates whose mean needs no correction by their sizes."""


class Spent(Record):
    """What some requests have cost."""

    requests: int = 0
    refused: int = 0
    """Of them, those that were not served."""
    read: int = 0
    """Tokens of the requests …"""
    cached: int = 0
    """… of them those that the endpoint had read before …"""
    written: int = 0
    """… and of the replies."""
    seconds: float = 0.0
    money: float = 0.0

    def plus(self, other: "Spent") -> "Spent":
        """Both together."""
        keys = type(self).model_fields
        return Spent(**{key: getattr(self, key) + getattr(other, key) for key in keys})


NOTHING = Spent()


class Row(Record):
    """What one kind of requests has cost."""

    stage: str
    """``opening`` for questions about the catalogue, ``writing`` of tasks, ``dialogue``,
    ``rewriting``, ``judging``, or ``tools``."""
    role: str
    model: str
    fate: str
    """What became of the candidates: ``accepted``, ``rejected``, ``open``; empty for none."""
    spent: Spent


class Estimate(Record):
    """What so many accepted conversations cost, where the others are as those that there are."""

    n: int
    requests: int
    tokens: int
    money: float
    within: float
    """By what share it may be off: twice the standard error of what a candidate costs."""


class Bill(Record):
    """What a folder has cost."""

    rows: tuple[Row, ...]
    total: Spent
    accepted: int
    candidates: int
    unpriced: tuple[str, ...]
    """Models whose price is not told: they count for nothing."""
    left_out: dict[str, tuple[str, ...]]
    """Model → options that its endpoint does not take."""
    estimate: Estimate | None = None


def cost_command(folder: Path, settings: Settings | None, n: int | None, as_json: bool) -> int:
    """Tell what a folder has cost."""
    bill = add_up(folder, settings, n)
    if as_json:
        print_json(bill)
    else:
        console = SafeConsole(highlight=False)
        if not console.is_terminal:  # in 80 columns every word of the table would be folded
            console.width = max(console.width, 160)
        numbers = ("requests", "refused", "read", "cached", "written", "money")
        table = make_table("stage", "role", "model", "candidates", *numbers, numbers=numbers)
        for row in bill.rows:
            table.add_row(row.stage, row.role, row.model, row.fate, *_cells(row.spent))
        total = bill.total
        table.add_row("in all", "", "", "", *_cells(total), style="bold")
        console.print(table)
        lines = []
        if bill.accepted:
            tokens = (total.read + total.written) / bill.accepted
            each = f"{total.requests / bill.accepted:.1f} requests, {tokens:,.0f} tokens"
            money = f"{total.money / bill.accepted:,.4f} money"
            lines.append(f"an accepted conversation: {each}, {money}")
        lines += tell_estimate(bill)
        if bill.unpriced:
            unpriced = ", ".join(bill.unpriced)
            lines.append(f"no price is told for {unpriced}: see 'price' under 'roles'")
        for model, options in bill.left_out.items():
            lines.append(f"{model} does not take {', '.join(options)}")
        for line in lines:
            console.print(Text(line), soft_wrap=True)
    return 0


def add_up(folder: Path, settings: Settings | None = None, n: int | None = None) -> Bill:
    """What a folder has cost, by the prices of ``settings`` or else those that it was built with.

    A folder may have requests alone, as those of a server have. Raises InputError, and for an
    estimate where too few candidates are decided.
    """
    alone = read_manifest(folder) is None and (folder / REQUESTS).is_file()
    manifest = _NOTHING_MADE if alone else manifest_of(folder)
    told = {key: manifest.settings[key] for key in _TOLD if key in manifest.settings}
    prices = Prices(settings or validate(told))
    fates = None if alone else {one.candidate: one.file == ACCEPTED for one in read_index(folder)}
    sums: defaultdict[tuple[str, str, str, str], Spent] = defaultdict(Spent)
    each = defaultdict[int, float](float)
    unpriced, left_out = set[str](), dict[str, tuple[str, ...]]()
    for one in read_requests(folder):
        if prices.find(one.model, one.role) is None:
            unpriced.add(one.model)
        if one.left_out:
            left_out[one.model] = one.left_out
        key = _stage(one, manifest), one.role, one.model, _fate(one, fates)
        sums[key] = sums[key].plus(spent := _spent(one, prices))
        if fates is not None and one.task in fates:
            each[one.task] += spent.money or spent.read + spent.written
    rows = tuple(
        Row(stage=stage, role=role, model=model, fate=fate, spent=spent)
        for (stage, role, model, fate), spent in sorted(sums.items())
    )
    total = reduce(Spent.plus, (row.spent for row in rows), NOTHING)
    return Bill(
        rows=rows, total=total, accepted=manifest.accepted, candidates=manifest.consumed,
        unpriced=tuple(sorted(unpriced)), left_out=left_out,
        estimate=None if n is None else _estimate(rows, manifest, n, folder, each),
    )  # fmt: skip


def _stage(one: Answered, manifest: Manifest) -> str:
    if one.task is None:
        return "tools" if one.role == "tool" else "opening"
    writing = "rewriting" if manifest.settings.get("rewrite") else "writing"
    stages = {"judge": "judging", "writer": writing, "reviewer": "writing"}
    return stages.get(one.role, "dialogue")


def _fate(one: Answered, fates: dict[int, bool] | None) -> str:
    if one.task is None or fates is None:
        return ""
    if one.task not in fates:
        return "open"
    return "accepted" if fates[one.task] else "rejected"


def _spent(one: Answered, prices: Prices) -> Spent:
    if one.reply is None:
        return Spent(requests=1, refused=1, seconds=one.seconds)
    reply = one.reply
    return Spent(
        requests=1, read=reply.input_tokens, cached=reply.cached_tokens,
        written=reply.output_tokens, seconds=one.seconds, money=prices.cost(one),
    )  # fmt: skip


def _estimate(
    rows: tuple[Row, ...], manifest: Manifest, n: int, folder: Path, costs: Mapping[int, float]
) -> Estimate:
    """What is paid once, and for each accepted one its share of what all decided ones cost.

    ``costs``: of each decided candidate. Where few are decided, they are set beside the sizes of
    those to come.
    """
    if manifest.consumed < ENOUGH or not manifest.accepted:
        raise InputError(
            f"has {manifest.consumed} decided candidates, {manifest.accepted} accepted: an "
            f"estimate needs {ENOUGH}, so build as many first",
            file=str(folder),
        )
    opening = (row.spent for row in rows if row.stage == "opening")
    decided = (row.spent for row in rows if row.stage != "opening" and row.fate != "open")
    once, each = reduce(Spent.plus, opening, NOTHING), reduce(Spent.plus, decided, NOTHING)
    mean = fmean(costs.values()) if costs else 0.0
    within = 2 * stdev(costs.values()) / sqrt(len(costs)) / (mean or 1) if len(costs) > 1 else 0.0
    share = n / manifest.accepted
    if mean and manifest.consumed <= _MANY and (sizes := read_sizes(folder)) is not None:
        expected, within = by_size(costs, sizes)
        share *= expected / mean

    def told(key: str) -> float:
        return float(getattr(once, key) + share * getattr(each, key))

    tokens = round(told("read") + told("written"))
    return Estimate(
        n=n, requests=round(told("requests")), tokens=tokens, money=told("money"),
        within=round(within, 3),
    )  # fmt: skip


def by_size(costs: Mapping[int, float], sizes: Sizes) -> tuple[float, float]:
    """What a candidate costs on average, by those whose size is known, and by what share it errs.

    A ratio estimate: cost follows size, and the mean size of others is known.
    """
    known = [(costs.get(index, 0.0), size) for index, size in sizes.first.items()]
    each = sum(cost for cost, _ in known) / sum(size for _, size in known)
    errors = stdev(cost - each * size for cost, size in known) / sqrt(len(known))
    own = errors / (fmean(cost for cost, _ in known) or 1)
    return each * sizes.mean, 2 * hypot(own, sizes.error / sizes.mean)


def tell_total(bill: Bill) -> str:
    """The whole in one line."""
    spent = bill.total
    tokens = f"{spent.read + spent.written:,} tokens"
    return (
        f"models: {spent.requests:,} requests, {tokens}, {tell_money(spent.money)} money; "
        "'toolweave cost' tells more"
    )


def tell_estimate(bill: Bill) -> Iterator[str]:
    """What was asked for will cost, in a line; nothing where nothing was asked for."""
    if (one := bill.estimate) is not None:
        yield (
            f"{one.n:,} accepted conversations: about {one.requests:,} requests, "
            f"{one.tokens:,} tokens, {tell_money(one.money)} money, "
            f"give or take {one.within:.0%}, by the {bill.candidates:,} candidates so far"
        )


def _cells(spent: Spent) -> Iterator[str]:
    for key in ("requests", "refused", "read", "cached", "written"):
        yield f"{getattr(spent, key):,}"
    yield f"{spent.money:,.4f}"
