"""A configured language model → a folder in Hugging Face format with its output head."""

from topicbench.core.jobs import job

with job(snakemake):
    from topicbench.features.language_model import prepare
    from topicbench.features.section import LanguageModel
    from topicbench.sources.paths import inside

    given, source = snakemake.params.model, snakemake.input.source
    folder = inside(source[0], given["folder"]) if source else None
    spec = LanguageModel(**{**given, "title": snakemake.wildcards.slm, "folder": folder and str(folder)})
    prepare(spec, snakemake.output[0])
