"""Submissions: where they are, and how they are prepared for grading."""
