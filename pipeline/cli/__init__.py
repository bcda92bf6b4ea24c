"""The command line: what can be asked, and what is answered."""
