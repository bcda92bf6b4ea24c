"""Paths, file contents, branches, web addresses, versions: the values of a developer's world."""

import re
from collections.abc import Sequence
from random import Random
from typing import Any

from generators.lexicon.meanings import is_base
from generators.lexicon.names import in_words, slug, split_words
from generators.lexicon.nouns import plural
from generators.lexicon.tables import load_table, load_words, word_set
from generators.sandbox.phrases import content_words, text, title

_ROOTS = ("/projects/atlas", "/projects/harbor", "/projects/juniper")
_FOLDERS = ("docs", "src", "reports", "data", "notes")
_INNER = ("archive", "drafts", "2025", "2026", "shared", "images", "old", "team")
_FILES = (
    "README.md", "roadmap.md", "budget.csv", "meeting_notes.md", "config.yaml", "main.py",
    "invoice_march.txt", "changelog.md", "survey_results.csv", "todo.txt", "release_plan.md",
    "contacts.csv", "settings.json", "summary.txt", "parser.py", "agenda.md",
    "team_photo.jpg", "logo.png", "floor_plan.png", "interview.mp3", "jingle.wav",
)  # fmt: skip
_NOTES = ("ideas.md", "things_to_remember.md", "meeting_notes.md", "journal.md", "loose_ends.md",
          "weekly_notes.md", "thoughts.md", "for_later.md")  # fmt: skip
"""In which anything may stand that somebody notes down."""
_WRITTEN_DOWN = word_set("note notes memo journal diary")
_SOURCES = ("main.py", "parser.py", "config.yaml", "settings.json", "upload.py", "session_cache.py",
            "retry.py", "search_index.py", "test_upload.py", "rate_limit.py")  # fmt: skip
_CODE_FOLDERS = ("src", "app", "tools", "tests")
_TEXTS = 16
"""So many of the files are texts; behind them come images and sounds."""
_MEDIA = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "mp3": "audio/mpeg",
          "wav": "audio/wav", "pdf": "application/pdf"}  # fmt: skip
_SHOWN = word_set("media image audio photo picture sound")
_REVISIONS = ("draft", "final", "v2", "march", "q2", "archive", "team", "notes")
_ACTS = {"fix": "fix", "document": "docs", "clean": "chore", "update": "chore", "upgrade": "chore"}
"""The first word of a change's title, and of the name of its branch."""
_SITES = ("www.example.com", "docs.example.org", "shop.example.net")
_FOLDER_WORDS = word_set("directory directories folder dir repo root cwd workspace")


_LINES = frozenset({"inline", "diff", "hunk"})
"""Where in a repository's files a comment stands."""
_PICTURES = frozenset({"backdrop", "poster", "still", "logo", "thumbnail", "avatar", "cover"})


def path(rng: Random, name: str, noun: str, said: str = "") -> str:
    """A file, or a folder where the name or noun says so; a repository's own for ``repo_path``.

    ``said``: its description, which may tell of what kind it is, and from where it goes.
    """
    opening = split_words(re.split(r"[.(\n]", said, maxsplit=1)[0])
    filed = {"file", "files", "filename"} & {*opening, *in_words(name).split()}
    folders = () if filed else (word for word in opening if word in _FOLDER_WORDS)
    made = _draw_path(rng, " ".join((name, *folders)), noun)
    stem, dot, ending = made.rpartition(".")
    told = file_ending([*opening, *split_words(name), *noun.split()])
    if told and dot and "/" not in ending:
        made = f"{stem}.{told}"
    relative = "relative" in split_words(said) or not _LINES.isdisjoint(noun.split())
    return "/".join(made.split("/")[3:]) if relative else made


def file_ending(words: Sequence[str]) -> str:
    """How a file ends of which the words tell the kind: ``json`` of a JSON file; "" for none."""
    endings = load_table("inference")["file_endings"]
    return next((str(endings[word]) for word in words if word in endings), "")


def _draw_path(rng: Random, name: str, noun: str) -> str:
    words = set(in_words(name).split()) | set(noun.split())
    if words & {"repo", "repository"} and "path" in words:
        return rng.choice(_ROOTS)
    if words & _FOLDER_WORDS:
        folder = f"{rng.choice(_ROOTS)}/{rng.choice(_FOLDERS)}"
        return folder if rng.random() < 0.5 else f"{folder}/{rng.choice(_INNER)}"
    if words & _PICTURES:
        return f"/{''.join(rng.choices('abcdefghjkmnpqrstuvwxyz', k=9))}.jpg"
    code = not {"code", *_LINES}.isdisjoint(noun.split())
    notes = not _WRITTEN_DOWN.isdisjoint(noun.split())
    stem, dot, ending = rng.choice(_SOURCES if code else _NOTES if notes else _FILES).partition(".")
    if not (code or notes) and rng.random() < 0.5:
        stem = f"{stem}_{rng.choice(_REVISIONS)}"
    if in_words(name) in ("filename", "file name"):
        return f"{stem}{dot}{ending}"
    inner = f"{rng.choice(_INNER)}/" if rng.random() < 0.2 else ""
    folder = rng.choice(_CODE_FOLDERS if code else _FOLDERS)
    return f"{rng.choice(_ROOTS)}/{folder}/{'' if code else inner}{stem}{dot}{ending}"


def media_type(file: str) -> str:
    """What a file of this ending holds, as MIME says it."""
    return _MEDIA.get(file.rsplit(".", 1)[-1], "text/plain")


def is_media(file: str) -> bool:
    """Whether the file is an image or a sound."""
    return media_type(file).startswith(("image/", "audio/"))


def wants_media(tool: str) -> bool:
    """Whether a tool of this name is about images and sounds."""
    return bool(_SHOWN & set(in_words(tool).split()))


def content(file: str, rng: Random) -> str:
    """What stands in a file, by its ending."""
    name = file.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").replace("-", " ")
    ending = file.rsplit(".", 1)[-1]
    if ending == "csv":
        rows = "\n".join(f"{title(rng, 'product')},{rng.randint(2, 90)}" for _ in range(3))
        return f"item,quantity\n{rows}\n"
    if ending == "py":
        return f'"""{name.capitalize()}."""\n\n\ndef main():\n    print("{name}")\n'
    if ending in ("json", "yaml", "yml"):
        retries, minutes = rng.randint(2, 5), rng.randint(10, 60)
        if ending == "json":
            return f'{{"retries": {retries}, "timeout_minutes": {minutes}}}\n'
        return f"retries: {retries}\ntimeout_minutes: {minutes}\n"
    if is_media(file):
        return f"[{media_type(file)}, {rng.randint(40, 900)} kB]"
    mark = "# " if ending == "md" else ""
    return f"{mark}{name.capitalize()}\n\n{text(rng, 'task')}\n{text(rng, 'note', 'notes')}\n"


def moved_path(old: str, new: str) -> str:
    """The old file under a new name in its folder: the ending stays."""
    folder, _, file = old.rpartition("/")
    dot = file.rfind(".")
    stem = new.rpartition("/")[2].rsplit(".", 1)[0]
    if is_media(old) != is_media(new):
        stem = f"{file[:dot] if dot > 0 else file}_copy"
    return f"{folder}/{stem}{file[dot:] if dot > 0 else ''}"


def source_path(file: Any, rng: Random) -> Any:
    """The path, or each of a list, within its repository; a text for an image or a sound."""
    if isinstance(file, list):
        return [source_path(one, rng) for one in file]
    if not isinstance(file, str):
        return file
    if is_media(file):
        file = f"{file.rpartition('/')[0]}/{rng.choice(_FILES[:_TEXTS])}"
    inner = file.removeprefix("/projects/").partition("/")[2]
    return inner if file.startswith("/projects/") else file


def branch(rng: Random, name: str) -> str:
    """``main`` where something is based, else a topic branch."""
    if is_base(name):
        return "main"
    return branch_for(title(rng, "commit"))


def branch_for(change: str) -> str:
    """The branch on which a change of this title is made: ``fix/date-parsing``."""
    act, _, rest = change.partition(" ")
    words = [word for word in content_words(rest) if word != "tests"][:2] or [change]
    return f"{_ACTS.get(act.lower(), 'feature')}/{slug(' '.join(words))}"


_PAGES = ("blog", "news", "articles", "guides")


def url(rng: Random, name: str, noun: str) -> str:
    """A web address on a reserved domain."""
    if load_words("meanings", "pictures") & {*in_words(name).split(), *noun.split()}:
        return f"https://images.example.com/{slug(noun) or 'photo'}-{rng.randint(10, 999)}.jpg"
    if {"repo", "repository", "git", "github"} & set(in_words(name).split()):
        owner = slug(title(rng, "project").split()[0])
        return f"https://github.com/{owner}/{title(rng, 'repository')}"
    if not {*in_words(name).split()} <= load_words("unsayable", "addressed"):
        return (
            f"https://api.example.com/{slug(plural(noun)) or 'items'}/{rng.randint(1_001, 9_899)}"
        )
    site = f"https://{rng.choice(_SITES)}"
    if {"homepage", "home", "website", "site"} & set(in_words(name).split()):
        return site
    return f"{site}/{rng.choice(_PAGES)}/{slug(title(rng, 'post'))}"


def version(rng: Random) -> str:
    """``v2.4.1``."""
    return f"v{rng.randint(1, 5)}.{rng.randint(0, 12)}.{rng.randint(0, 9)}"


def expression(rng: Random) -> str:
    """Arithmetic that people ask about."""
    a, b, c = rng.randint(12, 480), rng.randint(3, 60), rng.randint(2, 12)
    price = f"{rng.randint(9, 90)}.{rng.choice(('50', '99', '25'))}"
    forms = (f"{price} * {c}", f"({a} + {b}) * {c}", f"{a} - {price}", f"{a} / {c}",
             f"{price} + {b}.00 + {a}.40")  # fmt: skip
    return rng.choice(forms)
