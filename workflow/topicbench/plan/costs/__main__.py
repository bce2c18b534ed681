"""``python -m topicbench.plan.costs CONFIG``: the grid of a configuration and its estimated costs; nothing is run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from topicbench.config import load as config_file
from topicbench.config.located import located
from topicbench.core.errors import TopicbenchError
from topicbench.plan.costs import costs, grid
from topicbench.plan.costs.report import GPU_TERAFLOPS, errors, report
from topicbench.plan.costs.sizes import measured
from topicbench.plan.costs.work import Scale
from topicbench.plan.targets import Plan
from topicbench.runs.fitting import processor

ROOT = Path(__file__).resolve().parents[3]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m topicbench.plan.costs", description=__doc__)
    parser.add_argument("config", type=Path, help="configuration file")
    parser.add_argument(
        "--teraflops", type=float, default=GPU_TERAFLOPS, help="what a GPU sustains (default: %(default)s)"
    )
    parser.add_argument(
        "--fit", action="store_true", help="fit the cost model to the benchmark files of this configuration's run"
    )
    parser.add_argument(
        "--directory", type=Path, default=ROOT, help="where the run's results lie (default: the checkout)"
    )
    options = parser.parse_args(arguments)
    try:
        config = located(config_file.load(options.config))
        scale = Scale(Plan(config), measured(config, ROOT), ROOT)
        if options.fit:
            print(refit(scale, options.directory, costs.COEFFICIENTS))
        else:
            fitted, measured_on = costs.load()
            print(report(scale, grid.jobs(scale), fitted, measured_on, options.teraflops))
    except TopicbenchError as error:
        print(f"topicbench: {error}", file=sys.stderr)
        return 1
    return 0


def refit(scale: Scale, directory: Path, target: Path) -> str:
    """Fit the cost model to the benchmark files below ``directory``, write it and say how well it does.

    Raises:
        TopicbenchError: no job of the configuration has a benchmark file there.
    """
    found = []
    for job in grid.jobs(scale):
        if job.work.terms and job.benchmark and (directory / job.benchmark).is_file():
            result = costs.read_benchmark(directory / job.benchmark)
            if result is not None:
                found.append((job.stage, job.work, result))
    if not found:
        raise TopicbenchError(
            directory / grid.BENCHMARKS, "holds no benchmark of this configuration", "run the benchmark first"
        )
    documents = ", ".join(f"{name} {size.documents:,}" for name, size in scale.corpora.items())
    measured_on = f"{len(found)} jobs ({documents} documents), {processor()}"
    fitted = costs.fit(found)
    costs.save(target, fitted, measured_on)
    return errors(fitted, measured_on)


if __name__ == "__main__":
    sys.exit(main())
