"""Where things lie in the project."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
# In a student's copy: what the checks expect.
RECORDED = ROOT / "tests" / "recorded.safetensors"
