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
from topicbench.core.code import code_hash_of_script
from topicbench.core.discovery import modules
from topicbench.core.errors import TopicbenchError
from topicbench.core.files import RESULTS
from topicbench.core.jobs import VERBOSE
from topicbench.core.preflight import clear_partials, require_past, require_writable
from topicbench.core.sections import NAME_PATTERN
from topicbench.corpora.tokens import SPACY
from topicbench.plan import paths, resources as job_resources
from topicbench.plan.jobs import Plan
from topicbench.sources.paths import fetched


def data_file(path):
    """A path of the configuration: of the working directory, or else of the checkout; what is fetched, as its source.

    It is where the user says, also where the workflow is a module whose results are given a prefix.
    """
    return fetched(path) or (local(path) if Path(path).exists() else str(ROOT / path))


def files_of(path):
    """What to wait for before the file or folder ``path`` of the configuration can be read; nothing for none."""
    return [data_file(path)] if path else []


# A prefix of a `module`, which Snakemake puts before inputs, outputs and logs, and not before what parameters say.
modified = workflow.modifier.modify_path


def placed(path):
    """Where a path of results lies, for a parameter."""
    return str(modified(path))


def placed_runs(runs):
    """Runs of `Plan.described_runs`, their files where they lie."""
    return [{**run, "scores": placed(run["scores"]), "folder": placed(run["folder"])} for run in runs]


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
    return [fetched(path) for path in (palmetto.jar, palmetto.index) if fetched(path)] if palmetto else []


def code(script, *also):
    """Hash of a script and of all it imports of the package: an edit makes again what it made, and nothing else.

    ``also`` are modules that it finds when it runs, such as that of a method.
    """
    return code_hash_of_script(ROOT / f"workflow/scripts/{script}.py", also)


def keys_of(entry, keys):
    """Those keys of an entry of the configuration that change what a rule makes; no title or speed is among them."""
    return entry.model_dump(mode="json", include=set(keys))


def metric_modules():
    """Where metrics are found."""
    return [module.__name__ for module in modules("topicbench.metrics")]


REFERENCE_KEYS = ("sha256", "text_column", "language")
ORIGIN_KEYS = ("gguf", "folder", "hub", "revision")
DOCUMENT_KEYS = ("path", "sha256", "text_column", "label_column", "label_name_column", "strip", "sample")
EXTRACTION_KEYS = ("dtype", "device", "max_document_tokens")
ENCODER_KEYS = ("package", "folder", "hub", "revision", "trust_remote_code", "batch_size")
WORD_VECTOR_KEYS = ("package", "index", "path", "gensim", "sha256", "missing_seed")


wildcard_constraints:
    source="|".join(map(re.escape, settings.sources)) or "-",
    corpus=NAME_PATTERN,
    size=r"\d+",
    reference=NAME_PATTERN,
    counting="gensim|boolean",
    slm=NAME_PATTERN,
    prompt=NAME_PATTERN,
    encoder=NAME_PATTERN,
    vectors=NAME_PATTERN,
    method=NAME_PATTERN,
    variant=NAME_PATTERN,
    topics=r"\d+",
    experiment="|".join(plan.known_experiments),
