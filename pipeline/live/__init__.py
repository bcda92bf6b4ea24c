"""Live servers of the Model Context Protocol as a backend."""
