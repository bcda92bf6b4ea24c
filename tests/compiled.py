"""A module is compiled once, not once in each of the processes that tests are dealt to and start.

Imported before anything of the project is, and so before anything is compiled.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
