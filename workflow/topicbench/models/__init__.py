"""Topic models, one file each; see `topicbench.models.contract`."""
