"""What a figure was measured on: cores, memory, Python, operating system, and how busy it was.

``python benchmarks/machine.py`` prints the line that heads every benchmark.
"""

import os
import platform
import sys


def describe() -> str:
    """The machine in one line; the load is that of the last minute, before the measurement."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return (
        f"machine: {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, {python}, {system}, "
        f"load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{describe()}\n")
