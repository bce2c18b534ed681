"""``python -m topicbench``: topics of your own corpus, without a benchmark."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from topicbench.app import apply, score, topics
from topicbench.core.errors import TopicbenchError
from topicbench.core.version import __version__

COMMANDS = {
    "topics": (topics, "find the topics of a corpus: a table of texts, nothing else is needed"),
    "apply": (apply, "find the topics of new texts, by a model that `topics` wrote"),
    "score": (score, "score topic words from anywhere: C_V, C_NPMI, I-RBO, topic diversity"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a `TopicbenchError` is printed without a traceback and gives exit code 1."""
    parser = argparse.ArgumentParser(prog="topicbench", description="Topics of your own corpus, without a benchmark.")
    parser.add_argument("--version", action="version", version=f"topicbench {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=module.__doc__.partition(": ")[2])
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    options = parser.parse_args(arguments)
    # Forked tokenisers warn and may dead-lock.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        options.run(options)
    except TopicbenchError as error:
        print(f"topicbench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("topicbench: interrupted; what is finished is kept in the cache", file=sys.stderr)
        return 130
    return 0
