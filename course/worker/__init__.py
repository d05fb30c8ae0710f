"""The side that runs a student's code: it receives arrays and returns arrays, and knows no answers.

Nothing here imports the solutions, the answer bank, the graders or the catalogue: in the sandbox they do not exist.
"""
