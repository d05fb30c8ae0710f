"""What keeps a student's code away from the answers, the other submissions and the machine.

Two walls. The outer one stands around the zygote (`course.worker.zygote`): a back-end builds it, bubblewrap or Python
itself. Behind it there is the Python environment, the worker's own code, and nothing else of the machine. The inner
one is a cell (`course.sandbox.cell`): a process tree for one submission, in which each check is a fork with limits of
its own, an empty scratch folder, and no rights. See docs/security.md for what is promised.
"""
