"""Topicbench: reproducible evaluation of topic models.

The package holds all logic of the workflow and knows nothing of Snakemake: functions take arrays and
return arrays, files are touched by the scripts in ``workflow/scripts``.
"""

__version__ = "0.1.0"
