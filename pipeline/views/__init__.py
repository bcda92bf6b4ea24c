"""What a notebook shows: conversations as HTML, the graph and the counts as pictures."""
