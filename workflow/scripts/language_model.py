"""A configured language model → a folder in Hugging Face format with its output head."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.features.section import LanguageModel
    from topicbench.features.language_model import prepare

    prepare(LanguageModel(**snakemake.params.model), snakemake.output[0])
