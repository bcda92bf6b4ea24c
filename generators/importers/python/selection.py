"""Which definitions of a Python file are tools.

Decorated ones, if any is; else public functions and the public methods of public classes, or what
``__all__`` lists; of a file that only has pydantic models, the models that no other one uses.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from generators.importers.python.literals import flag_of, keywords_of, text_of
from generators.importers.python.models import kind_of, lineage
from generators.importers.python.module import Function, Module, open_blocks

DECORATORS = frozenset(
    """
    tool tool_plain function_tool kernel_function is_tool beta_tool beta_async_tool ai_callable
    ai_function register_tool
    """.split()
)
"""What frameworks call the decorator that makes a function a tool."""

_HIDDEN = ("overload", "property", "cached_property", "setter", "deleter", "getter", "fixture")
_NAMES = ("name", "name_override")
_DESCRIPTIONS = ("description", "description_override")


@dataclass(frozen=True)
class Candidate:
    """A definition that is a tool, as far as can be seen from outside."""

    definition: Function | ast.ClassDef
    owner: str = ""
    """The class of a method."""
    decorator: ast.expr | None = None
    reachable: bool = field(default=True, compare=False)
    """Whether it can be had by its name once the file has run."""

    @property
    def path(self) -> tuple[str, ...]:
        """The names that lead to it."""
        name = self.definition.name
        return (self.owner, name) if self.owner else (name,)

    def name(self, module: Module) -> str:
        """What the tool is called."""
        given = keywords_of(self.decorator) if self.decorator else {}
        if isinstance(self.decorator, ast.Call) and self.decorator.args:
            given = {"name": self.decorator.args[0], **given}
        return _first_text(given, _NAMES, module) or self.definition.name

    def description(self, module: Module) -> str:
        """What the decorator says of it."""
        given = keywords_of(self.decorator) if self.decorator else {}
        return _first_text(given, _DESCRIPTIONS, module)

    def title(self, module: Module) -> str:
        """What it is called to people."""
        given = keywords_of(self.decorator) if self.decorator else {}
        return text_of(given.get("title"), module)

    def hint(self, word: str) -> bool | None:
        """What ``annotations=ToolAnnotations(readOnlyHint=True)`` says."""
        given = keywords_of(self.decorator) if self.decorator else {}
        hints = given.get("annotations")
        if hints is None:
            return None
        if isinstance(hints, ast.Dict):
            pairs = zip(hints.keys, hints.values, strict=True)
            named = {key.value: item for key, item in pairs if isinstance(key, ast.Constant)}
            return flag_of(named.get(word))
        snake = "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in word)
        named_hints = keywords_of(hints)
        return flag_of(named_hints.get(word, named_hints.get(snake)))

    def arguments_model(self, module: Module) -> ast.ClassDef | None:
        """The class that ``args_schema=`` names."""
        named = keywords_of(self.decorator).get("args_schema") if self.decorator else None
        return module.classes.get(module.name_of(named)) if named is not None else None


def select_tools(module: Module, owner: str = "") -> list[Candidate]:
    """The tools of a file in the order in which they stand; with an owner, that class's only."""
    if owner:
        return [
            item for item in _methods(module) if item.owner == owner and not _is_rule(item, module)
        ]
    decorated = list(_decorated(module.tree, "", module, top=True))
    if decorated:
        return decorated
    plain = [*_functions(module), *_methods(module)]
    plain.sort(key=lambda item: item.definition.lineno)
    return plain or _models(module)


def _decorated(node: ast.AST, owner: str, module: Module, *, top: bool) -> Iterator[Candidate]:
    """Decorated functions, those inside functions too: servers are often set up in one."""
    for item in ast.iter_child_nodes(node):
        if isinstance(item, Function):
            decorator = _decorator_of(item, module)
            if decorator is not None:
                yield Candidate(item, owner, decorator, reachable=top)
            else:
                yield from _decorated(item, "", module, top=False)
        elif isinstance(item, ast.ClassDef):
            yield from _decorated(item, item.name, module, top=top and not owner)
        elif isinstance(item, ast.stmt):
            yield from _decorated(item, owner, module, top=top)


def _decorator_of(definition: Function, module: Module) -> ast.expr | None:
    named = (item for item in definition.decorator_list if module.name_of(item) in DECORATORS)
    return next(named, None)


def _functions(module: Module) -> Iterator[Candidate]:
    for name, function in module.functions.items():
        if _is_public(name, module) and not _is_hidden(function, module):
            yield Candidate(function)


def _methods(module: Module) -> Iterator[Candidate]:
    for item in open_blocks(module.tree.body):
        if not isinstance(item, ast.ClassDef) or not _is_service(item, module):
            continue
        private = [one for one in lineage(item, module)[1:] if one.name.startswith("_")]
        methods: dict[str, Function] = {}
        for one in [*reversed(private), item]:
            inner = open_blocks(one.body)
            methods |= {
                method.name: method
                for method in inner
                if isinstance(method, Function) and not _is_hidden(method, module)
            }
        for name, method in methods.items():
            if not name.startswith("_"):
                yield Candidate(method, item.name)


def _is_rule(item: Candidate, module: Module) -> bool:
    """Whether it is marked as a policy (`generators.backends.authoring`): no tool."""
    marks = getattr(item.definition, "decorator_list", ())
    return any(module.name_of(mark) == "policy" for mark in marks)


def _is_service(definition: ast.ClassDef, module: Module) -> bool:
    """Whether the methods of a class are tools: it is neither data nor an error."""
    bases = map(module.name_of, (base for one in lineage(definition, module) for base in one.bases))
    is_error = any(base.endswith(("Error", "Exception", "Warning")) for base in bases)
    is_data = kind_of(definition, module) != "other"
    return _is_public(definition.name, module) and not is_error and not is_data


def _models(module: Module) -> list[Candidate]:
    models = [
        item
        for item in open_blocks(module.tree.body)
        if isinstance(item, ast.ClassDef)
        and kind_of(item, module) == "model"
        and _is_public(item.name, module)
    ]
    used = {name for model in models for name in _mentioned(model) if name != model.name}
    return [Candidate(model) for model in models if model.name not in used] or [
        Candidate(model) for model in models
    ]


def _mentioned(model: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(model):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value  # a reference to a class that stands further below


def _is_public(name: str, module: Module) -> bool:
    return not name.startswith("_") if module.exported is None else name in module.exported


def _is_hidden(function: Function, module: Module) -> bool:
    return any(module.name_of(item) in _HIDDEN for item in function.decorator_list)


def _first_text(given: dict[str, ast.expr], keywords: tuple[str, ...], module: Module) -> str:
    texts = (text_of(given.get(keyword), module) for keyword in keywords)
    return next((text for text in texts if text), "")
