"""Which definitions of a Python file are tools, and what their decorators say of them.

Decorated ones, if any is; else public functions and the public methods of public classes, or what
``__all__`` lists; of a file that only has pydantic models, the models that no other one uses. Only
the text is read.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generators.importers.documents import unpack
from schemas.errors import InputError

Function = ast.FunctionDef | ast.AsyncFunctionDef

DECORATORS = frozenset(
    """
    tool tool_plain function_tool kernel_function is_tool beta_tool beta_async_tool ai_callable
    ai_function register_tool
    """.split()
)
"""What frameworks call the decorator that makes a function a tool."""

_HIDDEN = frozenset(
    "overload property cached_property setter deleter getter fixture policy".split()
)
"""Decorators of what is no tool; a policy's is our own (`schemas.authoring`)."""
_MODELS = frozenset({"BaseModel", "BaseSettings", "RootModel", "SQLModel"})
DATA = _MODELS | {"TypedDict", "NamedTuple", "Enum", "IntEnum", "StrEnum", "dataclass"}
"""Bases and decorators of classes that hold data; any other's methods may be tools."""
_FIELDS = frozenset({"Body", "Field", "Form", "Header", "Path", "Query", "field"})
"""Calls that describe a parameter or a field where its default would stand."""
_TYPE_STATEMENT = re.compile(r"(?m)^([ \t]*)type +(\w+)(?:\[[^\]\n]*\])?(?= *=[^=])")


@dataclass(frozen=True)
class Module:
    """The definitions of one file, by their names there, in the order in which they stand."""

    tree: ast.Module
    statements: tuple[ast.stmt, ...]
    """Those at the top, and in ``if``, ``try`` and ``with``."""
    classes: Mapping[str, ast.ClassDef]
    """Classes inside classes too, where no other has their name."""
    values: Mapping[str, ast.expr]
    """What a name was set to: constants, and other names for types."""
    origins: Mapping[str, str]
    """Imported name → what it is called at home: ``np`` → ``numpy``."""

    @cached_property
    def exported(self) -> list[Any] | None:
        """What ``__all__`` lists; None where there is none that can be read."""
        if "__all__" not in self.values:
            return None
        parts = [self.values["__all__"]]
        for item in self.tree.body:
            if isinstance(item, ast.AugAssign) and ast.unparse(item.target) == "__all__":
                parts.append(item.value)
        try:
            return [name for part in parts for name in read_literal(part, self)]
        except (InputError, TypeError):
            return None

    def name_of(self, node: ast.expr | None) -> str:
        """The last part of a name as its own module has it: ``Optional`` for ``t.Optional``.

        A call or a subscript has the name before it; empty for what has none.
        """
        while isinstance(node, ast.Call | ast.Subscript):
            node = node.func if isinstance(node, ast.Call) else node.value
        if isinstance(node, ast.Attribute):
            return node.attr
        name = self.origins.get(node.id, node.id) if isinstance(node, ast.Name) else ""
        return name.rpartition(".")[2]

    def lineage(self, definition: ast.ClassDef) -> list[ast.ClassDef]:
        """The class and those of the module that it inherits from, nearest first."""
        found = [definition]
        for one in found:
            bases = (self.classes.get(self.name_of(base)) for base in one.bases)
            found += [base for base in bases if base is not None and base not in found]
        return found

    def kinds(self, definition: ast.ClassDef) -> set[str]:
        """What decorates the class and its bases, and what they inherit from elsewhere."""
        lineage = self.lineage(definition)
        marks = (mark for one in lineage for mark in (*one.bases, *one.decorator_list))
        return set(map(self.name_of, marks)) - {one.name for one in lineage}

    def hides(self, function: Function) -> bool:
        """Whether a decorator says that the function is no tool."""
        return any(self.name_of(mark) in _HIDDEN for mark in function.decorator_list)

    def shows(self, definition: Function | ast.ClassDef) -> bool:
        """Whether the file exports a definition, and it is none of the kinds that are no tools."""
        exported, name = self.exported, definition.name
        public = not name.startswith("_") if exported is None else name in exported
        return public and not (isinstance(definition, Function) and self.hides(definition))


@dataclass(frozen=True)
class ToolDefinition:
    """A definition that is a tool, as far as can be seen from outside."""

    definition: Function | ast.ClassDef
    owner: str = ""
    """The class of a method."""
    said: Mapping[str, ast.expr] = field(default_factory=dict, compare=False)
    """The arguments of its decorator."""
    model: str = ""
    """The class that has its parameters, where they are a pydantic model's."""
    reachable: bool = field(default=True, compare=False)
    """Whether it can be had by its name once the file has run."""

    @property
    def path(self) -> tuple[str, ...]:
        """The names that lead to it."""
        name = self.definition.name
        return (self.owner, name) if self.owner else (name,)

    @property
    def function(self) -> Function | None:
        """The definition, unless it is a model's."""
        return None if isinstance(self.definition, ast.ClassDef) else self.definition


def read_module(text: str) -> Module:
    """Parse a file. Raises InputError with the line of a fault."""
    tree = _parse(text)
    statements = tuple(_open_blocks(tree.body))
    nodes = list(ast.walk(tree))
    inner = [item for item in nodes if isinstance(item, ast.ClassDef)]
    at_top = [item for item in statements if isinstance(item, ast.ClassDef)]
    origins: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            origins |= {name.asname: name.name for name in node.names if name.asname}
        elif isinstance(node, ast.ImportFrom):
            origins |= {name.asname or name.name: name.name for name in node.names}
    values: dict[str, ast.expr] = {}
    for item in statements:
        targets: list[Any] = item.targets if isinstance(item, ast.Assign) else []
        if isinstance(item, ast.AnnAssign):
            targets = [item.target]
        elif type(item).__name__ == "TypeAlias":  # a statement since 3.12
            targets = [getattr(item, "name", None)]
        value = getattr(item, "value", None)
        if isinstance(value, ast.expr):
            values |= {one.id: value for one in targets if isinstance(one, ast.Name)}
    return Module(
        tree=tree,
        statements=statements,
        classes={item.name: item for item in (*reversed(inner), *at_top)},
        values=values,
        origins=origins,
    )


def select_tools(module: Module, owner: str = "") -> list[ToolDefinition]:
    """The tools of a file in the order in which they stand; with an owner, that class's only."""
    if owner:
        return [item for item in _list_methods(module) if item.owner == owner]
    found = list(_list_decorated(module.tree, "", module, top=True))
    if found:
        return found
    functions = {item.name: item for item in module.statements if isinstance(item, Function)}
    found = [ToolDefinition(item) for item in functions.values() if module.shows(item)]
    found += _list_methods(module)
    if found:
        return sorted(found, key=lambda item: item.definition.lineno)
    shown = (item for item in module.statements if isinstance(item, ast.ClassDef))
    models = [one for one in shown if module.shows(one) and module.kinds(one) & _MODELS]
    used: set[str] = set()
    for model in models:
        nodes = list(ast.walk(model))
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        # A reference to a class that stands further below is a text.
        names |= {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
        used |= names - {model.name}
    unused = [model for model in models if model.name not in used]
    return [ToolDefinition(model, model=model.name) for model in unused or models]


def read_literal(node: ast.expr, module: Module) -> Any:
    """The JSON value of an expression that is written out, or names a constant that is.

    Raises InputError for what is known only when the code runs, and for what JSON does not have.
    """
    if isinstance(node, ast.Name) and node.id in module.values:
        node = module.values[node.id]
    return unpack(ast.unparse(node))


def read_text(said: Mapping[str, ast.expr], keywords: Iterable[str], module: Module) -> str:
    """The first text that is written out under one of the keywords, or nothing."""
    for keyword in keywords:
        if keyword in said:
            try:
                value = read_literal(said[keyword], module)
            except InputError:
                continue
            if value and isinstance(value, str):
                return value
    return ""


def read_flag(hints: ast.expr | None, word: str) -> bool | None:
    """What ``ToolAnnotations(readOnlyHint=True)`` or an object of that form says."""
    given: dict[Any, ast.expr] = keywords_of(hints)
    if isinstance(hints, ast.Dict):
        pairs = zip(hints.keys, hints.values, strict=True)
        given = {key.value: item for key, item in pairs if isinstance(key, ast.Constant)}
    snake = "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in word)
    flag = given.get(word, given.get(snake))
    return flag.value if isinstance(flag, ast.Constant) and isinstance(flag.value, bool) else None


def keywords_of(call: ast.expr | None) -> dict[str, ast.expr]:
    """The named arguments of a call; nothing for what is none."""
    named = call.keywords if isinstance(call, ast.Call) else []
    return {item.arg: item.value for item in named if item.arg}


def open_default(
    annotation: ast.expr | None, default: ast.expr | None, module: Module
) -> tuple[ast.expr | None, dict[str, ast.expr]]:
    """The default of a parameter or field, None where it must be given; what else is said of it.

    ``Annotated`` and a call such as ``Field(…)`` in the default's place say it.
    """
    said: dict[str, ast.expr] = {}
    inner = annotation.slice if isinstance(annotation, ast.Subscript) else None
    if module.name_of(annotation) == "Annotated" and isinstance(inner, ast.Tuple):
        for beside in inner.elts[1:]:
            said |= keywords_of(beside) if isinstance(beside, ast.Call) else {"text": beside}
    if isinstance(default, ast.Call) and module.name_of(default) in _FIELDS:
        said |= keywords_of(default)
        default = default.args[0] if default.args else None
    if default is None:
        default = said.get("default", said.get("default_factory"))
    required = isinstance(default, ast.Constant) and default.value is ...
    return None if required else default, said


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is odd in the user's code is not ours to tell
        try:
            return ast.parse(text)
        except SyntaxError as error:
            try:  # Python 3.11 does not know the statement of 3.12
                return ast.parse(_TYPE_STATEMENT.sub(r"\1\2", text))
            except (SyntaxError, ValueError):
                place = f"line {error.lineno}" if error.lineno else ""
                raise InputError(f"not Python: {error.msg}", place=place) from None
        except (RecursionError, MemoryError):
            raise InputError("the code is nested too deep to be read") from None
        except ValueError as error:  # a NUL in the text
            raise InputError(f"not Python: {error}") from None


def _open_blocks(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, those in blocks too, but for what only a script does."""
    for item in body:
        if isinstance(item, ast.If) and "__main__" in ast.dump(item.test):
            continue
        if isinstance(item, ast.If | ast.Try | ast.With):
            yield from _open_blocks(item.body)
            yield from _open_blocks(getattr(item, "orelse", []))
        else:
            yield item


def _list_decorated(
    node: ast.AST, owner: str, module: Module, *, top: bool
) -> Iterator[ToolDefinition]:
    """Decorated functions, those inside functions too: servers are often set up in one."""
    for item in ast.iter_child_nodes(node):
        if isinstance(item, Function):
            marks = (mark for mark in item.decorator_list if module.name_of(mark) in DECORATORS)
            decorator = next(marks, None)
            if decorator is None:
                yield from _list_decorated(item, "", module, top=False)
                continue
            said = keywords_of(decorator)
            if isinstance(decorator, ast.Call) and decorator.args:
                said = {"name": decorator.args[0], **said}
            model = module.name_of(said.get("args_schema"))
            yield ToolDefinition(item, owner, said, model if model in module.classes else "", top)
        elif isinstance(item, ast.ClassDef):
            yield from _list_decorated(item, item.name, module, top=top and not owner)
        elif isinstance(item, ast.stmt):
            yield from _list_decorated(item, owner, module, top=top)


def _list_methods(module: Module) -> Iterator[ToolDefinition]:
    """Public methods of classes that are neither data nor errors; private parents lend theirs."""
    for item in module.statements:
        if not isinstance(item, ast.ClassDef) or not module.shows(item):
            continue
        kinds = module.kinds(item)
        if kinds & DATA or any(kind.endswith(("Error", "Exception", "Warning")) for kind in kinds):
            continue
        private = [one for one in module.lineage(item)[1:] if one.name.startswith("_")]
        methods: dict[str, Function] = {}
        for one in [*reversed(private), item]:
            inner = (method for method in _open_blocks(one.body) if isinstance(method, Function))
            methods |= {method.name: method for method in inner if not module.hides(method)}
        for name, method in methods.items():
            if not name.startswith("_"):
                yield ToolDefinition(method, item.name)
