"""What stands behind train.py, predict.py and measure.py: data in memory, checkpoints, scores, pictures.

It imports nothing else of the course but `course.errors`, `course.paths` and parts of `course.worker`, so that it also
serves beside a student's own `lib/` in another folder, and in the sandbox.
"""

import os

# Read when torch is loaded. Threads that spin while they wait for each other starve a machine that has anything else
# to do: a step of a U-Net on two cores then takes five times as long as with threads that sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
