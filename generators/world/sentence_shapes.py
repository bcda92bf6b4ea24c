"""Sentences of descriptions, brought into a shape in which rules find what they demand.

``Required for 'add' and 'reply' methods`` becomes ``required for <V0>``, with the values and whose
they are beside it: a rule need not know how a catalogue calls its parameters. What `generators.
world.told_demands` reads.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from generators.identity_cache import remembered
from generators.lexicon.names import snake
from generators.lexicon.tables import load_words, word_set
from generators.world.schema_leaves import as_schema, members, plain_schema, schema_type
from generators.world.semantics import told_choices
from schemas.demand import Scalar
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_words = partial(load_words, "inference")

_TOKEN = re.compile(
    r"(?<!\w)(?P<quote>['\"`\u2018\u201c])(?P<inner>[^'\"`\u2018\u201c\u2019\u201d]{1,60})"
    r"['\"`\u2019\u201d]|(?P<word>[A-Za-z_][\w.-]*(?:['\u2019][a-z]+)?)|(?P<number>\d[\d,]*(?:\.\d+)?)"
    r"|(?P<mark>>=|<=|[,/=+&:#])"
)
_RUN = re.compile(r"[^\W_]+")
_TELLING = 2
"""Spaces in a tool's name from which on its words alone are a mention of it."""
_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d+[.)])\s+")
_TITLED = re.compile(
    r"^\*{0,2}['\"`]?([A-Za-z][\w-]*)['\"`]?\*{0,2}\s*(?:\([^()]*\)\s*)?(?:-|:|\u2013|\u2014)\s+"
)
_NAMED = re.compile(r"^\s*(?:[-*]\s*)?['\"`]?\w+['\"`]?\s*(?:\([^()]*\))?\s*:\s")
_RETURNS = re.compile(
    r"^\s*(?:returns?|yields|raises|output|response|examples?)\b:?\s*$", re.IGNORECASE
)
_TYPED = re.compile(r"^(\w+) : (?:str|int|float|bool|list|dict|List|Dict|Optional|Any)\b[^.]*$")
_END = re.compile(
    r"(?<=[.!?])\s+(?=[A-Z'\"`(*\u201c])|(?<=[.!?])$|;\s+|(?<!\d)\s[-\u2013\u2014]\s(?!\d)"
)
_ASIDE = re.compile(r"\(([^()]*)\)")
_DROPPED = word_set("the a an your")
_THINGS = word_set("parameter parameters argument arguments field fields property properties flag "
                   "value values input inputs attribute attributes")  # fmt: skip
_METHODS = word_set("method methods operation operations action actions command commands mode "
                    "modes request requests")  # fmt: skip
_JOINS = word_set(", and or / + &") | {"and/or"}


@dataclass(frozen=True)
class Sentence:
    """A sentence of a description, and what it is about."""

    text: str
    subject: str = ""
    """Path of the parameter that is described; empty for the tool."""
    value: tuple[str, Scalar] | None = None
    """A parameter's value of which a list in the description speaks: ``("method", "create")``."""


@dataclass(frozen=True)
class Placeholder:
    """What stands in a shape for names or values."""

    kind: str
    """``P``, ``V``, ``Q``, ``N``, ``B`` or ``T``."""
    paths: tuple[str, ...] = ()
    """Of parameters; of the one whose values these are."""
    values: tuple[Scalar, ...] = ()
    joined: str = ""
    """The word between several: ``or``."""


@dataclass(frozen=True)
class Shape:
    """A clause with marks in the place of names and values."""

    text: str
    marks: tuple[Placeholder, ...]


@dataclass(frozen=True)
class ToolNames:
    """The names of a domain's tools, found in a text by the rarest word of each."""

    names: Mapping[str, str]
    """Name in words → wire name."""

    @cached_property
    def wired(self) -> frozenset[str]:
        """The names as calls bear them."""
        return frozenset(self.names.values())

    @cached_property
    def _by_word(self) -> dict[str, list[tuple[int, str, str]]]:
        telling = [one for one in self.names.items() if one[0].count(" ") >= _TELLING]
        words = {said: _RUN.findall(said) for said, _ in telling}
        counts = Counter(word for said in words.values() for word in said)
        found: dict[str, list[tuple[int, str, str]]] = {}
        for number, (said, name) in enumerate(telling):
            rarest = min(words[said], key=lambda word: counts[word], default="")
            found.setdefault(rarest, []).append((number, said, name))
        return found

    def list_spoken(self, text: str) -> list[tuple[int, str, str]]:
        """Those that may stand in the text, in their order: place, name in words, wire name."""
        words = dict.fromkeys(("", *_RUN.findall(text)))
        return sorted(one for word in words for one in self._by_word.get(word, ()))


@dataclass(frozen=True)
class ParameterNames:
    """The parameters of tools that have the same, and their values."""

    parameters: JsonObject

    @cached_property
    def schemas(self) -> dict[str, JsonObject]:
        """Path → schema, of every property at any depth: ``items``, ``items[].sku``."""
        found: dict[str, JsonObject] = {}

        def walk(schema: JsonObject, path: str) -> None:
            for name, (part, _) in members(plain_schema(schema)).items():
                place = f"{path}.{name}" if path else name
                found.setdefault(place, part)
                inner = plain_schema(part)
                items = as_schema(inner.get("items"))
                if schema_type(inner) == "array" and items:
                    walk(items, f"{place}[]")
                else:
                    walk(inner, place)

        walk(self.parameters, "")
        return found

    @cached_property
    def choices(self) -> dict[str, tuple[Scalar, ...]]:
        """Path → the values that schema or description list."""
        found: dict[str, tuple[Scalar, ...]] = {}
        for path, schema in self.schemas.items():
            plain = plain_schema(schema)
            listed = plain.get("enum") or told_choices(str(schema.get("description") or ""))
            held = [one for one in listed if isinstance(one, str | int | float)]
            held = [one for one in held if one not in self.schemas or "enum" in plain]
            if held and schema_type(plain) not in ("array", "object"):
                found[path] = tuple(held)
        return found

    @cached_property
    def spaced(self) -> dict[str, str]:
        """A value of several words as people write it → as it is: ``issue fields``."""
        texts = [one for values in self.choices.values() for one in values if isinstance(one, str)]
        return {one.replace("_", " "): one for one in texts if "_" in one}

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """Name in snake case → paths."""
        found: dict[str, list[str]] = {}
        for path in self.schemas:
            found.setdefault(snake(path.rpartition(".")[2]), []).append(path)
        return found

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence that is said of a parameter."""
        found: list[Sentence] = []
        for path, schema in self.schemas.items():
            said = str(schema.get("description") or plain_schema(schema).get("description") or "")
            found += _split(said, path, self)
            items = as_schema(plain_schema(schema).get("items"))
            found += _split(str(items.get("description") or ""), path, self)
        return tuple(found)

    def path_of(self, name: str, beside: str) -> str | None:
        """The parameter of a name, in the object in which ``beside`` lies first."""
        paths = self.names.get(snake(name), [])
        if not paths:
            return None
        home = beside.rpartition(".")[0]
        near = [path for path in paths if path.rpartition(".")[0] == home]
        outer = [path for path in paths if "." not in path]
        return next(iter(near or outer or (paths if len(paths) == 1 else [])), None)

    def holder_of(self, value: str, beside: str) -> str | None:
        """The parameter that has the value among its own: the one that chooses a method first."""
        if not self.choices:
            return None
        holders = [path for path, values in self.choices.items() if value in values]
        chosen = [one for one in holders if one.rpartition(".")[2] in _words("methods")]
        near = [one for one in holders if one.rpartition(".")[0] == beside.rpartition(".")[0]]
        return next(iter(chosen or near or holders), None)


find_names = remembered(ParameterNames)
"""The names in the parameters of a tool, gathered once for all tools that share them."""


@dataclass(frozen=True)
class Vocabulary:
    """The parameters of a tool, their values, and the names of the tools beside it."""

    tool: ToolSpec
    given: ParameterNames
    tools: ToolNames
    """Its own among them."""


def split_sentences(vocabulary: Vocabulary) -> Iterator[Sentence]:
    """Every sentence of a tool's description, and of its parameters'."""
    yield from _split(vocabulary.tool.description, "", vocabulary.given)
    yield from vocabulary.given.sentences


def _split(text: str, subject: str, given: ParameterNames) -> Iterator[Sentence]:
    about, value = subject, None
    for line in _joined(text):
        plain = _BULLET.sub("", line).strip()
        if _RETURNS.match(plain):
            return  # what follows is about the result
        titled = _TITLED.match(plain)
        path = given.path_of(titled[1], subject) if titled and not subject else None
        holder = given.holder_of(titled[1], subject) if titled else None
        typed = _TYPED.match(plain)
        if typed and not subject and (named := given.path_of(typed[1], "")):
            about, value = named, None
            continue
        if path is not None:
            about, value = path, None
        elif holder is not None and titled:
            about, value = subject, (holder, titled[1])
        elif line == plain and not line.startswith((" ", "\t")):
            about, value = subject, None
        rest = plain[titled.end() :] if titled and (path or holder) else plain
        for sentence in _END.split(rest):
            if sentence.strip(" .*"):
                yield Sentence(" ".join(sentence.split()), about, value)


def _joined(text: str) -> list[str]:
    """The lines of a text, those that only continue the one before put behind it."""
    lines: list[str] = []
    for line in text.splitlines():
        before = lines[-1].rstrip() if lines else ""
        open_ended = bool(before) and before[-1] not in ".:!?"
        starts = line.strip()[:1]
        continued = open_ended and (starts.islower() or before.endswith(",") or starts in "\"'(")
        continued = continued and not _NAMED.match(line)
        if not line.strip():
            if not before.endswith(","):
                lines.append("")
        elif continued and not _BULLET.match(line) and not _TYPED.match(line.strip()):
            lines[-1] = f"{before} {line.strip()}"
        else:
            lines.append(line.rstrip())
    return [line for line in lines if line.strip()]


def shapes_of(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Shape]:
    """The shape of a sentence, and of each aside in it: ``(required for 'add')``."""
    asides = _ASIDE.findall(sentence.text)
    for clause in (_ASIDE.sub(" ", sentence.text), *asides):
        if shape := _shape(clause, sentence.subject, vocabulary):
            yield shape


def _shape(clause: str, subject: str, vocabulary: Vocabulary) -> Shape | None:
    pieces: list[str | Placeholder] = []
    for words, value in vocabulary.given.spaced.items():
        clause = clause.replace(words, value)
    # Where a clause names another tool, as it is called or in the words of its name.
    # In lower case with spaces for what joins names, every character in its place.
    folded, spans = clause.casefold(), []
    said = folded.replace("_", " ").replace("-", " ") if len(folded) == len(clause) else clause
    for _, words, name in vocabulary.tools.list_spoken(said):
        at = said.find(words)
        around = said[at - 1 : at], said[at + len(words) : at + len(words) + 1]
        if at >= 0 and name != vocabulary.tool.wire_name and not any(map(str.isalnum, around)):
            spans.append((at, at + len(words), name))
    for token in _TOKEN.finditer(clause.replace("*", "")):
        at, (_, inner, word, number, mark) = token.start(), token.groups()
        tool = (
            next((name for start, end, name in spans if start <= at < end), None) if spans else ""
        )
        tool = tool or _name_tool((inner or word or "").rstrip("."), vocabulary)
        if tool is not None:
            if not (pieces and pieces[-1] == Placeholder("T", (tool,))):
                pieces.append(Placeholder("T", (tool,)))
            continue
        if number:
            pieces.append(Placeholder("N", values=(float(number.replace(",", "")),)))
        else:
            pieces.append(mark or _piece(word, inner, subject, vocabulary.given))
    marks: list[Placeholder] = []
    texts = []
    for piece in _folded([one for one in pieces if one not in _DROPPED]):
        if isinstance(piece, Placeholder):
            texts.append(f"<{piece.kind}{len(marks)}>")
            marks.append(piece)
        else:
            texts.append(piece)
    return Shape(" ".join(texts).replace(" , ", ", "), tuple(marks)) if texts else None


def _name_tool(said: str, vocabulary: Vocabulary) -> str | None:
    """Another tool that a word is, as it is written for machines: ``list_tunnels``, ``readAll``."""
    written = "_" in said or (said != said.lower() and said[:1].islower())
    other = written and said in vocabulary.tools.wired and said != vocabulary.tool.wire_name
    taken = other and (vocabulary.given.path_of(said, "") or vocabulary.given.holder_of(said, ""))
    return said if other and not taken else None


def _piece(
    word: str | None, inner: str | None, subject: str, given: ParameterNames
) -> str | Placeholder:
    """What a word stands for, or what stands between quotation marks."""
    said = (inner or word or "").strip()
    head, _, rest = said.partition(":" if inner and ":" in said else "=")
    if rest and (path := given.path_of(head.strip(), subject)):
        return Placeholder("P", (path,))  # 'delete: true'
    if word and said.lower() in ("true", "false"):
        return Placeholder("B", values=(said.lower() == "true",))
    said = said.rstrip(".")
    holder = given.holder_of(said, subject)
    path = given.path_of(said, subject) if " " not in said else None
    if path is not None and (inner or _is_name(said, path)) and not (inner and holder):
        return Placeholder("P", (path,))
    if holder is not None:
        return Placeholder("V", (holder,), (said,))
    return Placeholder("Q", values=(said,)) if inner else said.lower()


def _is_name(word: str, path: str) -> bool:
    """Whether a bare word is meant as the parameter's name, and does not only happen to be it."""
    name = path.rpartition(".")[2]
    return word == name or ("_" in word and snake(word) == snake(name))


def _folded(pieces: Sequence[str | Placeholder]) -> list[str | Placeholder]:
    """Lists of one kind as one mark; what only says "parameter" or "method" beside one is dropped.

    ``'add' and 'reply' methods`` is one mark of two values.
    """
    out: list[str | Placeholder] = []
    for at, piece in enumerate(pieces):
        last = out[-1] if out else None
        if isinstance(piece, str):
            nearby = (last, *pieces[at + 1 : at + 2])
            thing = piece in _THINGS and (
                last in ("this", "these")
                or any(isinstance(one, Placeholder) and one.kind == "P" for one in nearby)
            )
            if not thing and not (
                piece in _METHODS and isinstance(last, Placeholder) and last.kind == "V"
            ):
                out.append(piece)
            continue
        of_method = isinstance(last, Placeholder) and (last.kind, piece.kind) == ("V", "P")
        if of_method and isinstance(last, Placeholder) and piece.paths == last.paths:
            continue  # 'add' method
        joins = []
        while out and isinstance(out[-1], str) and out[-1] in _JOINS:
            joins.append(str(out.pop()))
        before = out[-1] if out else None
        like = isinstance(before, Placeholder) and before.kind == piece.kind in ("P", "V")
        if (
            joins
            and like
            and isinstance(before, Placeholder)
            and (piece.kind == "P" or before.paths == piece.paths)
        ):
            word = next((one for one in joins if one in ("or", "and")), before.joined)
            paths = dict.fromkeys((*before.paths, *piece.paths))
            values = dict.fromkeys((*before.values, *piece.values))
            out[-1] = Placeholder(piece.kind, tuple(paths), tuple(values), word)
            continue
        out += reversed(joins)
        out.append(piece)
    return out
