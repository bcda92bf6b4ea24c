"""The words below the fields of a record, which are the help of its options.

Pydantic can read them too, and takes ten times as long for it.
"""

import ast
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel


@cache
def words_below(kind: type[BaseModel]) -> Mapping[str, str]:
    """Field → the text that stands below it where its class is written; none where none does."""
    file = sys.modules[kind.__module__].__file__
    tree = ast.parse(Path(file).read_text(encoding="utf-8")) if file else ast.Module([], [])
    own = (one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == kind.__name__)
    found = dict.fromkeys(kind.model_fields, "")
    for field, below in pairwise([part for one in own for part in one.body]):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(text))
            ):
                found[name] = text
    return found
