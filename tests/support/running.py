"""Running the workflow as a user does: the snakemake command in a folder of its own."""

import os
import subprocess
import sys

from tests.support import ROOT, TINY


def command(folder, *targets, configfile=TINY, cores=2, options=(), root=ROOT):
    """Arguments of Snakemake on a checkout with ``folder`` as its working directory; ``cores`` None: not said."""
    parts = [sys.executable, "-m", "snakemake", "--snakefile", root / "Snakefile", "--directory", folder]
    parts += ["--cores", cores] if cores else []
    return [str(part) for part in [*parts, *options, "--configfile", configfile, "--", *targets]]


def snakemake(folder, *targets, environment=None, root=ROOT, **options):
    """Run `command`; the finished process with all it printed in ``stdout``."""
    variables = {**os.environ, "PYTHONHASHSEED": "random", **(environment or {})}
    variables.pop("OMP_NUM_THREADS", None)
    return subprocess.run(
        command(folder, *targets, root=root, **options),
        cwd=root,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
    )
