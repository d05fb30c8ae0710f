"""Brings a student's copy up to a newer release, without touching what they wrote."""
