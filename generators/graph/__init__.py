"""The tool graph: which result can serve which parameter, and how that is found."""
