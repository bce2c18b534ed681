"""Running the workflow as a user does: the snakemake command in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = Path(__file__).parent / "tiny.yaml"


def snakemake(folder, *targets, configfile=TINY, cores=2, options=(), root=ROOT):
    """Run Snakemake on a checkout with ``folder`` as its working directory; ``cores`` None: say nothing of them."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile", "--directory", folder]
    command += ["--cores", str(cores)] if cores else []
    command += [*options, "--configfile", configfile, "--", *targets]
    environment = {**os.environ, "PYTHONHASHSEED": "random"}
    environment.pop("OMP_NUM_THREADS", None)
    return subprocess.run(
        [str(part) for part in command], cwd=root, env=environment, capture_output=True, text=True, timeout=1800
    )
