"""Improving Neural Topic Modeling with Semantically-Grounded Soft Label Distributions, reproduced and extended."""

from snakemake.utils import min_version

min_version("9.0")

# A configuration file stands alone: Snakemake would merge one given on the command line into the default.
if not workflow.overwrite_configfiles:

    configfile: f"{workflow.basedir}/config/config.yaml"


include: "workflow/rules/settings.smk"
# Corpora, models and word vectors that are fetched from where their authors publish them.
include: "workflow/rules/sources.smk"
# Documents, tokens, vocabulary and bag of words (section 4.1, appendix A).
include: "workflow/rules/corpora.smk"
# Soft labels and hidden states (sections 3.1 and 3.3), embeddings and word vectors (appendix C).
include: "workflow/rules/features.smk"
# Every method, number of topics and seed (sections 3.2 and 4.2, appendices C and D).
include: "workflow/rules/runs.smk"
# Coherence, diversity, purity, retrieval and the LLM rating (sections 4.1 and 4.5, appendix B).
include: "workflow/rules/scores.smk"
# Tables and figures.
include: "workflow/rules/paper.smk"


rule all:
    default_target: True
    input:
        plan.outputs(PDFLATEX),
    localrule: True
