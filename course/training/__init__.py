"""What stands behind train.py, predict.py and measure.py: data in memory, checkpoints, scores, pictures.

It imports nothing else of the course but `course.errors` and `course.paths`, so that it also serves beside a
student's own `lib/` in another folder.
"""
