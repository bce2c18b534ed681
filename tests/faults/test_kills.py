"""kill -9 at any moment, then `--unlock` and the same command again: the tables of an undisturbed run.

TOPICBENCH_KILLS says at how many random moments (2; 20 by `make faults`), beside one in the midst of the extraction. A
resumed run is the next victim, so that a chain of kills goes through the whole workflow; where a chain ends before the
kills do, another one begins.
"""

import os
import random
import shutil
from functools import partial

import pytest
import yaml

from tests.support import small
from tests.support.killing import run_until
from tests.support.running import snakemake
from topicbench.runs.files import FILES

pytestmark = pytest.mark.end_to_end

KILLS = int(os.environ.get("TOPICBENCH_KILLS", "2"))
EARLIEST, LATEST = 0.08, 0.3
"""As shares of an undisturbed run's time; its longest job takes about a fifth, and must be able to end."""


class Chunks:
    """The finished chunks of an extraction, as they are seen while it runs."""

    def __init__(self, folder):
        self.folder, self.seen = folder, {}

    def __call__(self):
        for path in self.folder.glob("results/features/*/slm/*/*/chunks-*/[0-9]*.npz"):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            # A file made again has another inode and time.
            self.seen.setdefault(path, set()).add((found.st_ino, found.st_mtime_ns))

    def there(self):
        self()
        return sorted(path for path in self.seen if path.exists())


def tables(folder):
    """Bytes of everything a user reads, but for the seconds and memory that are measured anew."""
    kinds = ("tex", "csv", "md", "parquet")
    files = [path for kind in kinds for path in (folder / "results").glob(f"*.{kind}")]
    return {path.name: path.read_bytes() for path in sorted(files)}


def resumed(folder, configured):
    result = snakemake(folder, configfile=configured, options=["--unlock"])
    assert result.returncode == 0, result.stdout[-3000:]


def finish(folder, configured, chunks):
    """Let a run come to its end."""
    code = run_until(folder, configured, small.TARGETS, lambda seconds: False, chunks)
    assert code == 0, folder.with_name(f"{folder.name}.log").read_text()[-5000:]


def extracting(chunks, seconds):
    """Whether some chunks are finished, and others not."""
    return len(chunks.there()) >= 3


def test_a_killed_workflow_gives_the_tables_of_an_undisturbed_one(undisturbed, configured, tmp_path, tally):
    folder, duration = undisturbed
    expected = tables(folder)
    assert len(expected) >= 20
    seed, kills, chunks = 0, 0, None
    while kills < KILLS:
        seed += 1
        folder = tmp_path / f"chain{seed}"
        moments, chunks, in_chain = random.Random(seed), Chunks(folder), 0
        before = {}
        # The first kill of all is aimed: in the midst of the extraction.
        aimed = seed == 1
        while kills < KILLS:
            doomed = partial(extracting, chunks) if aimed else (duration * moments.uniform(EARLIEST, LATEST)).__lt__
            code = run_until(folder, configured, small.TARGETS, doomed, chunks)
            if code is not None:
                assert code == 0, folder.with_name(f"{folder.name}.log").read_text()[-5000:]
                break
            # Within one run the extraction is done once: a chunk that was there before and is made again shows here.
            tally["chunks redone"] += sum(len(chunks.seen[path]) > made for path, made in before.items())
            before = {path: len(chunks.seen[path]) for path in chunks.there()}
            tally["chunks kept"] += len(before)
            in_chain += 1
            kills += not aimed
            aimed = False
            resumed(folder, configured)
        else:
            finish(folder, configured, chunks)
        tally["kills"] += in_chain
        tally["resumed"] += in_chain
        tally["chunks redone"] += sum(len(chunks.seen[path]) > made for path, made in before.items())
        found = tables(folder)
        assert {name for name in expected if found.get(name) != expected[name]} == set()
        assert set(found) == set(expected)
        tally["identical"] += in_chain
    assert tally["chunks kept"] >= 3
    assert tally["chunks redone"] == 0


def test_a_killed_fit_goes_on_at_its_first_unfinished_seed(configured, tmp_path, tally):
    """Although Snakemake, which finds the outputs of a killed job incomplete, deletes them before it runs it again."""
    folder = tmp_path / "run"
    folder.mkdir()
    chosen = yaml.safe_load(configured.read_text(encoding="utf-8"))
    chosen["methods"]["softlabel"] = {"num_epochs": 2000}
    slow = small.write(tmp_path / "slow.yaml", chosen)
    fit = folder / "results/runs/stackoverflow/v60/softlabel/smollm2/K4"
    first, second = (fit / f".finished/seed{seed}/theta.npy" for seed in (0, 1))
    target = str((fit / "seed1").relative_to(folder))
    assert run_until(folder, slow, [target], lambda seconds: first.exists()) is None
    assert not second.exists()
    assert not list(fit.glob("seed*"))
    kept = first.stat()
    resumed(folder, slow)
    result = snakemake(folder, target, configfile=slow)
    assert result.returncode == 0, result.stdout[-3000:]
    assert (first.stat().st_ino, second.exists()) == (kept.st_ino, True)
    for seed in (0, 1):
        assert {path.name for path in (fit / f"seed{seed}").glob("[!.]*")} == set(FILES)
    # A deleted seed is noticed, and not fitted again as its finished run is kept.
    shutil.rmtree(fit / "seed0")
    result = snakemake(folder, target.replace("seed1", "seed0"), configfile=slow)
    assert result.returncode == 0, result.stdout[-3000:]
    assert (fit / "seed0/theta.npy").samefile(first)
    tally["kills"] += 1
    tally["resumed"] += 1
    tally["identical"] += 1
