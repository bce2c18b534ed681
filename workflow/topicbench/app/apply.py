"""``python -m topicbench apply``: Topics of new texts, by a model that ``topics`` wrote."""

from __future__ import annotations

import argparse
from pathlib import Path

from topicbench.app.topics import add_corpus, add_language_model, describe, read_texts, start, stem, write_assignments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="folder 'model' that `topics` wrote")
    add_corpus(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="CSV",
        help="row, topic, weight and words of each text (the corpus's name with -topics.csv)",
    )
    add_language_model(parser)


def run(options: argparse.Namespace) -> None:
    texts = read_texts(options)
    start(options.threads)
    from topicbench.app.estimator import SoftLabelTopicModel

    folder = options.model
    if not (folder / "model.json").is_file() and (folder / "model" / "model.json").is_file():
        folder = folder / "model"
    changes = {"language_model": options.language_model} if options.language_model else {}
    model = SoftLabelTopicModel.load(folder, cache=options.cache, verbose=True, **changes)
    theta = model.transform(texts)
    output = options.output or Path(f"{stem(options.corpus)}-topics.csv")
    write_assignments(output, model.topics_, texts, theta)
    print(describe(model.topics_, theta, texts))
    print(f"Written to {output}")
