"""The version of Topicbench, which models and reports carry."""

__version__ = "0.2.0"
