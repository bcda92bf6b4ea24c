"""The kinds of mistakes, one small module each; `generators.errors` lists them."""
