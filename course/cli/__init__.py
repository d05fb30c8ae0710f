"""The command `course`: one module for each sub-command."""
