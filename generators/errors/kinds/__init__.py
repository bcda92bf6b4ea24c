"""The kinds of mistakes, a family a module; `generators.errors` lists them."""
