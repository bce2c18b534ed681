"""What a configuration will cost, before anything runs.

`sizes` says how large its corpora and models are, `work` what each job does with them, `costs` how long that takes
and how much memory (fitted to Snakemake's benchmark files of runs already made), `grid` lists the jobs, `report`
prints them. `topicbench.resources` asks the same model for the resources of each job.
"""
