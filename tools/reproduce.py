"""Does the same configuration give the same results, byte for byte, whatever the number of cores?

``python tools/reproduce.py CONFIG`` runs a configuration in two fresh folders, with one and with two cores, and
compares every file below ``results/``. Left out is what is measured anew in every run: seconds and memory, in files of
their own and in the records of runs and extractions.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topicbench.core.files import RESULTS, sha256_of

ROOT = Path(__file__).parents[1]
MEASURED_FILES = ("benchmarks/*", "costs.csv")
"""Below ``results/``: files that hold nothing but what is measured, and what it was measured of."""
MEASURED_KEYS = frozenset({"seconds", "documents_per_second", "peak_memory_mb"})
"""Keys of the records that are measured."""
RECORDS = ("run.json", "extraction.json")


def digests(folder: str | Path) -> dict[str, str]:
    """SHA-256 of every result in a workflow's folder, by path below ``results/``, without what is measured."""
    results = Path(folder) / RESULTS
    files = {path.relative_to(results): path for path in sorted(results.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): _digest(path)
        for name, path in files.items()
        # Hidden are Snakemake's notes, and finished runs that lie beside as well.
        if not any(part.startswith(".") for part in name.parts)
        and not any(_within(name, pattern) for pattern in MEASURED_FILES)
    }


def _within(path: Path, pattern: str) -> bool:
    return path.match(pattern) or (pattern.endswith("/*") and path.parts[0] == pattern[:-2])


def _digest(path: Path) -> str:
    if path.name not in RECORDS:
        return sha256_of(path)
    record = _without_measured(json.loads(path.read_text(encoding="utf-8")))
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _without_measured(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_measured(held) for key, held in value.items() if key not in MEASURED_KEYS}
    return value


def compare(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, list[str]]:
    """The paths that two runs do not share: "differ", "only in the first", "only in the second"."""
    return {
        "differ": sorted(path for path in first if path in second and first[path] != second[path]),
        "only in the first": sorted(set(first) - set(second)),
        "only in the second": sorted(set(second) - set(first)),
    }


def table(first: Mapping[str, str], second: Mapping[str, str]) -> str:
    """Files, equal ones and others by folder of ``results/``, in plain text; below it each path that is not equal."""
    unequal = compare(first, second)
    others = {path for paths in unequal.values() for path in paths}
    groups: dict[str, list[bool]] = {}
    for path in sorted({*first, *second}):
        group = path.split("/")[0] if "/" in path else "tables and figures"
        groups.setdefault(group, []).append(path not in others)
    groups["all"] = [equal for held in list(groups.values()) for equal in held]
    width = max(map(len, groups))
    lines = [f"{'results':{width}}  files  equal  other"]
    lines += [
        f"{name:{width}}  {len(held):5}  {sum(held):5}  {len(held) - sum(held):5}" for name, held in groups.items()
    ]
    lines += [f"{what}: {path}" for what, paths in unequal.items() for path in paths]
    return "\n".join(lines)


def run(config: str | Path, folder: str | Path, cores: int) -> None:
    """Everything a configuration asks for, in ``folder``; `subprocess.CalledProcessError` where it fails."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
    command += ["--cores", cores, "--configfile", Path(config).resolve(), "--", "all"]
    # Python's own order of sets is chosen anew for each.
    environment = {**os.environ, "PYTHONHASHSEED": "random"}
    subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 if all results are equal, 1 if not or if a run fails."""
    parser = argparse.ArgumentParser(prog="python tools/reproduce.py", description=__doc__)
    parser.add_argument("config", help="configuration file")
    parser.add_argument("--cores", type=int, nargs=2, default=(1, 2), help="cores of the two runs (default: 1 2)")
    parser.add_argument("--folder", help="keep the two runs here, as run1 and run2; default: a temporary folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="topicbench-") as temporary:
        folders = [Path(options.folder or temporary) / name for name in ("run1", "run2")]
        for folder, cores in zip(folders, options.cores, strict=True):
            if folder.exists():
                parser.error(f"{folder} is there already; name a fresh folder")
            try:
                run(options.config, folder, cores)
            except subprocess.CalledProcessError as error:
                print(f"topicbench: {options.config}: the run with {cores} cores failed ({error.returncode})")
                return 1
        first, second = map(digests, folders)
    print(f"\n{options.config}, run with {options.cores[0]} and with {options.cores[1]} cores:\n")
    print(table(first, second))
    return int(first != second)


if __name__ == "__main__":
    sys.exit(main())
