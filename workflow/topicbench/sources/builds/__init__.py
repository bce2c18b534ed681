"""Builds: how the files of a corpus become its table, one file each; see `topicbench.sources.builds.contract`."""
