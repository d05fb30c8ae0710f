"""Known answers to the tasks whose symbols are networks."""
