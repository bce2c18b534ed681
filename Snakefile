# The workflow lies in workflow/. From here, `snakemake` finds it and profiles/default without an option.
include: "workflow/Snakefile"


# Snakemake forgets the default target of what is included.
workflow.default_target = "all"
