"""The answer bank: known answers to the exercises, right and wrong, each with its name. Mirrors `lib/`."""
