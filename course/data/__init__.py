"""The programs that make the embedded data sets, check them, and turn real recordings into their layout."""
