"""What is looked at: conversations as HTML, a graph as a page and files, counts as pictures."""
