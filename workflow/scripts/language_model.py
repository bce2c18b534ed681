"""A configured language model → a folder in Hugging Face format with its output head."""

import package  # noqa: F401
from topicbench.core.jobs import limit_threads, logged

limit_threads(snakemake.threads)
with logged(snakemake.log[0]):
    from topicbench.features.section import LanguageModel
    from topicbench.features.language_model import prepare

    prepare(LanguageModel(**snakemake.params.model), snakemake.output[0])
