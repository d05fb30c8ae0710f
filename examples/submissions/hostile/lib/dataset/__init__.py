"""Data sets: pairs of an image and its mask."""

from .FacadeDataset import Facade
from .PhCDataset import PhC

__all__ = ["Facade", "PhC"]
