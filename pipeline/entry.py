"""The program ``toolweave``: where errors become one line on stderr and an exit code.

::

    0    done
    2    wrong usage, unusable input, an output that cannot be written, an endpoint that fails
    3    done, and it fell short: fewer accepted than asked for, or checks that failed
    130  interrupted, state saved

Anything else is a bug: it keeps its traceback and ends with 1.
"""

import atexit
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from pipeline.garbage import collect_rarely
from schemas.canonical import printable
from schemas.errors import InputError, ToolweaveError

PACKAGES = ("schemas", "generators", "validators", "pipeline", "data")
STAGES = "pipeline.opening"
USAGE, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None, stages: str = STAGES) -> None:
    """Run the command line and exit; ``stages`` names the module that has them.

    Without ``arguments`` the process is the program's own, and ends without being taken apart.
    """
    ending = Ending()
    code: int | str | None
    if arguments is None:
        atexit.register(ending)  # before all that is imported: what is registered first ends last
    interruption = Interruption()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interruption)
    sys.unraisablehook = interruption.unraisable
    collect_rarely()
    # Looking for plugins of pydantic reads what is told of every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        refuse_strangers({name: package_folder(name) for name in PACKAGES})
        run_arguments = sys.argv[1:] if arguments is None else arguments
        from pipeline.cli.app import run

        code = run(run_arguments, stages)
    except ToolweaveError as error:
        code = _told(str(error), USAGE)
    except KeyboardInterrupt:
        code = _told("interrupted", INTERRUPTED)
    except SystemExit as ended:
        # Whether the command line swallowed an interruption that no command has told of.
        cause = ended.__context__
        while cause is not None and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__context__
        code = ended.code
        if code == INTERRUPTED and cause is not None:
            code = _told("interrupted", INTERRUPTED)
    except Exception:
        if not interruption.seen:
            raise
        code = _told("interrupted", INTERRUPTED)  # an import that was cut short fails in any way
    ending.code = code
    sys.exit(code)


class Ending:
    """Ends the process once all else has ended: taking millions of objects apart takes long."""

    code: int | str | None = None
    """No number: the program did not come to its end, which Python tells of."""

    def __call__(self) -> None:
        """Write out what is left, and be gone."""
        if not isinstance(self.code, int):
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # Python tells of this as well
        os._exit(self.code)


def _told(line: str, code: int) -> int:
    print(f"toolweave: {printable(line)}", file=sys.stderr)  # noqa: T201
    return code


class Interruption:
    """A signal handler that remembers: what is raised amid an import may be swallowed there."""

    seen = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Note the signal and raise KeyboardInterrupt."""
        del number, frame
        self.seen = True
        raise KeyboardInterrupt

    def unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        """Say nothing of an interruption that came where none can be raised; it is noted."""
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            sys.__unraisablehook__(lost)


def package_folder(name: str) -> Path | None:
    """Find the folder that a top-level import would come from, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def refuse_strangers(folders: dict[str, Path | None]) -> None:
    """Raise InputError where a package of ours is shadowed by another of the same name."""
    home = Path(__file__).resolve().parents[1]
    for name, folder in folders.items():
        if folder is None or folder.resolve().parent != home:
            raise InputError(
                f"the package {name!r} comes from {folder or 'nowhere'}, not from {home}: another "
                f"package of that name is in the way; install toolweave into an environment of "
                "its own"
            )
