"""Writes those parts of the documentation anew that are made from the code.

``python -m docs.renew``; a test asserts that they are up to date.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docs.sample import sample
from docs.tables import flaw_table, mistake_table, operator_table, tables

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Part:
    """What stands between two marks of a page, and who writes it."""

    page: Path
    name: str
    write: Callable[[], str]

    def renewed(self) -> str:
        """The page with this part written anew. Raises ValueError where its marks are missing."""
        begin, end = f"<!-- {self.name}: begin -->\n", f"<!-- {self.name}: end -->\n"
        before, _, rest = self.page.read_text(encoding="utf-8").partition(begin)
        _, mark, after = rest.partition(end)
        if not mark:
            raise ValueError(f"{self.page.name} must have the marks {begin.strip()} {end.strip()}")
        return f"{before}{begin}\n{self.write()}\n{end}{after}"


PARTS = (
    Part(ROOT / "docs" / "checks.md", "codes", tables),
    Part(ROOT / "docs" / "blueprints.md", "flaws", flaw_table),
    Part(ROOT / "docs" / "errors.md", "kinds", mistake_table),
    Part(ROOT / "docs" / "recipes.md", "operators", operator_table),
    Part(ROOT / "README.md", "sample", sample),
)

if __name__ == "__main__":
    for part in PARTS:
        part.page.write_text(part.renewed(), encoding="utf-8")
