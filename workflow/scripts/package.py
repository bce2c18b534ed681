"""Puts the package on the path: a script imports this first, in any environment."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
