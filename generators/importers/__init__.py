"""Importers: files of tool definitions, in the forms that others write, become one catalogue.

`catalog_reader` is the way in. `documents` loads a file, `found_tools` finds the lists of tools in
it, `formats` the tools, `normalise` brings their schemas to one dialect, `wire_names` and `effect`
decide what the source leaves open. What the tools mean for one another is left to inference and
graph.
"""

from generators.importers.catalog_reader import read_catalog
from generators.importers.documents import NamedDocument
from generators.importers.formats import FORMATS
from generators.importers.tool_files import LONGEST

__all__ = ["FORMATS", "LONGEST", "NamedDocument", "read_catalog"]
