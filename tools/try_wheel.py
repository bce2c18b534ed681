"""``python tools/try_wheel.py [PYTHON…]``: the wheel in a clean environment of each Python (this one by default).

It is built, installed with what it declares, and used where there is no checkout: `topicbench score` over the corpus
that comes with it, and the import of the estimator.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOPICS = [
    ["space", "orbit", "moon", "launch", "planet", "earth", "satellite", "solar", "mission", "sun"],
    ["game", "team", "player", "season", "league", "goal", "coach", "match", "club", "score"],
]


def run(*command: str | Path, folder: str | Path) -> str:
    """Standard output of a command in ``folder``, without the variables by which a checkout would be found."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        sys.exit(f"{command[0]} ended with exit code {result.returncode}: {' '.join(map(str, command))}")
    return result.stdout


def try_wheel(python: str, wheel: Path, folder: Path) -> str:
    """Install ``wheel`` in a new environment in ``folder`` and use it; what `topicbench score` printed."""
    run(python, "-m", "venv", folder / "environment", folder=folder)
    bin_ = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
    run(bin_ / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
    (folder / "topics.json").write_text(json.dumps(TOPICS), encoding="utf-8")
    run(bin_ / "python", "-c", "from topicbench import SoftLabelTopicModel", folder=folder)
    scores = run(bin_ / "topicbench", "score", "topics.json", "--cache", folder / "cache", folder=folder)
    if "C_V" not in scores:
        sys.exit(f"topicbench score printed no C_V:\n{scores}")
    return scores


def main() -> None:
    for python in sys.argv[1:] or [sys.executable]:
        with tempfile.TemporaryDirectory(prefix="wheel-") as name:
            folder = Path(name)
            run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT, folder=folder)
            version = run(python, "-c", "import platform; print(platform.python_version())", folder=folder).strip()
            print(f"Python {version}\n{try_wheel(python, next(folder.glob('*.whl')), folder)}", flush=True)


if __name__ == "__main__":
    main()
