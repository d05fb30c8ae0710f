"""The course in nbgrader: its graders' marks, and kernels behind the wall."""
