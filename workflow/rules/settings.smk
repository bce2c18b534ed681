# The typed configuration, the runs it asks for, and the constraints of the wildcards.

import os
import re
import shutil
from functools import partial
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from topicbench.config import load as config_file
from topicbench.config.located import located
from topicbench.core.errors import TopicbenchError
from topicbench.core.jobs import VERBOSE
from topicbench.core.preflight import clear_partials, require_past, require_writable
from topicbench.core.sections import NAME_PATTERN
from topicbench.corpora.tokens import SPACY
from topicbench.experiments import all as experiments
from topicbench.experiments.runs import RESULTS, protocol_of
from topicbench.metrics.coherence import OTHER_COUNTING
from topicbench.models.contract import methods
from topicbench.models.controls import CONTROLS
from topicbench.plan import resources as job_resources
from topicbench.plan.targets import FIGURES, TABLES, TABLES_OF_SCORES, Plan
from topicbench.runs.fitting import source_hash
from topicbench.sources.paths import fetched


def data_file(path):
    """A path of the configuration: of the working directory, or else of the checkout; what is fetched, as its source.

    It is where the user says, also where the workflow is a module whose results are given a prefix.
    """
    return fetched(path) or (local(path) if Path(path).exists() else str(ROOT / path))


def source_of(path):
    """The source folder to wait for before ``path`` can be read; none for one that needs no fetching."""
    return [fetched(path)] if fetched(path) else []


# A prefix of a `module`, which Snakemake puts before inputs, outputs and logs, and not before what parameters say.
modified = workflow.modifier.modify_path


def placed(path):
    """Where a path of results lies, for a parameter."""
    return str(modified(path))


def asked(function):
    """An input function whose `TopicbenchError` ends Snakemake with what it says.

    Snakemake would show it inside an error of its own, with a traceback.
    """

    def call(wildcards):
        try:
            return function(wildcards)
        except TopicbenchError as error:
            raise SystemExit(f"topicbench: {error}") from None

    return call


# Jobs inherit it, on a cluster too.
if workflow.output_settings.verbose:
    os.environ[VERBOSE] = "1"

try:
    require_writable(".")
    settings = located(config_file.from_workflow(config, workflow.configfiles, ROOT, workflow.config_settings.config))
    plan = Plan(settings)
    inputs = [entry.path for entry in (*settings.corpora.values(), settings.reference, *settings.word_vectors.values())]
    require_past(data_file(path) for path in inputs if path and not fetched(path))
except TopicbenchError as error:
    raise WorkflowError(str(error)) from None


onstart:
    # There is something to do; a finished workflow may lie on a read-only disk.
    try:
        require_writable(RESULTS if Path(RESULTS).exists() else ".")
        clear_partials(RESULTS)
    except TopicbenchError as error:
        raise WorkflowError(str(error)) from None


# What a job reserves: (rule, wildcards[, attempt]).
sized = partial(job_resources.Job, plan, ROOT)


def memory(rule, wildcards, attempt):
    return job_resources.memory_mb(sized(rule, wildcards), attempt)


def minutes(rule, wildcards, attempt):
    return job_resources.runtime(sized(rule, wildcards), attempt)


def gpus(rule, wildcards):
    return job_resources.gpu(sized(rule, wildcards))


PDFLATEX = shutil.which("pdflatex") is not None
if not PDFLATEX:
    logger.info("pdflatex is not installed: results/paper.pdf is left out, results/paper.tex is made.")


def stop_words_of(corpus):
    """The file of stop words of a corpus; none where they are spaCy's."""
    return [] if corpus.tokens.stop_words == SPACY else data_file(corpus.tokens.stop_words)


def palmetto_sources():
    """The source folders to wait for before Palmetto can be run."""
    palmetto = settings.reference.palmetto
    return source_of(palmetto.jar) + source_of(palmetto.index) if palmetto else []


def root_of(path):
    """What a relative path starts from: the checkout, or for a fetched one the working directory."""
    return "." if fetched(path) else str(ROOT)


wildcard_constraints:
    source="|".join(map(re.escape, settings.sources)) or "-",
    corpus=NAME_PATTERN,
    size=r"\d+",
    reference=NAME_PATTERN,
    counting="|".join(OTHER_COUNTING),
    slm=NAME_PATTERN,
    prompt=NAME_PATTERN,
    encoder=NAME_PATTERN,
    vectors=NAME_PATTERN,
    method=NAME_PATTERN,
    variant=NAME_PATTERN,
    topics=r"\d+",
    experiment="|".join(experiments.EXPERIMENTS),
