import numpy as np
import pandas as pd
import pytest
from table_scores import PROMPTS, configuration, scores

from topicbench.core.errors import TopicbenchError
from topicbench.views import published
from topicbench.views.comparison import CONTRADICTED, compare, ordering

NOTHING = ""

PAPER_CORPORA = {
    "20newsgroups": {"title": "20NewsGroup", "path": "a", "strip": ["headers", "footers", "quotes"]},
    "stackoverflow": {"title": "StackOverflow", "path": "b"},
}
PAPER = {
    "num_topics": [25, 50, 75, 100],
    "seeds": [0, 1, 2, 3, 4],
    "corpora": PAPER_CORPORA,
    "slms": {
        "ernie": {"title": "ERNIE-4.5-0.3B", "hub": "baidu/ERNIE-4.5-0.3B-PT", "revision": "a" * 40},
        "small": {"title": "Llama 1B", "hub": "meta-llama/Llama-3.2-1B-Instruct", "revision": "a" * 40},
    },
    "encoder": {"name": "gte", "title": "GTE", "hub": "Alibaba-NLP/gte-large-en-v1.5", "revision": "a" * 40},
    "reference": {"name": "wikipedia", "title": "English Wikipedia by Palmetto", "path": "w", "counting": "boolean"},
    "experiments": {"main": {}, "ablation": {}, "prompts": {"num_topics": [50], "prompts": PROMPTS}},
}


def of(frame, **where):
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


@pytest.mark.parametrize("table", ["table1", "table2", "table3", "table5", "table7", "table9"])
def test_published_tables_read(table):
    frame = published.read(table)
    assert frame["value"].notna().all()
    keys = [column for column in frame.columns if column not in ("value", "as_printed", "kind")]
    assert not frame.duplicated(keys).any()


def test_published_table_1_is_the_mean_of_table_7_where_the_paper_agrees_with_itself():
    first = published.read("table1").set_index(["method", "corpus", "metric"])["value"]
    means = published.read("table7").groupby(["method", "corpus", "metric"])["value"].mean()
    # Both sides were rounded by the paper.
    tolerance = np.where(first.index.get_level_values("metric") == "llm_rating", 0.0105, 0.00105)
    apart = (first - means[first.index]).abs() > tolerance
    assert set(first.index[apart].get_level_values("method")) == {"ours-llama-3.2-1b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("method,value\n", "columns are method, value"),
        ("method,dataset,metric,value\nlda,x,c_v,high\n", "line 2: value is not a number"),
    ],
)
def test_a_damaged_published_table_is_an_error(tmp_path, text, message):
    (tmp_path / "table1.csv").write_text(text)
    with pytest.raises(TopicbenchError, match=message):
        published.read("table1", tmp_path)
    with pytest.raises(TopicbenchError, match="file not found"):
        published.read("table2", tmp_path)


def test_the_papers_own_configuration_differs_in_nothing():
    config = configuration(**PAPER)
    corpora = {
        name: {"documents": published.DOCUMENTS[name], "labels": 20, "mean_words": 10.0} for name in config.corpora
    }
    frame = compare(config, scores(config), scores(config, "ablation"), scores(config, "prompts"), corpora)
    assert set(frame["differs"]) == {NOTHING}
    counts = frame["table"].value_counts().to_dict()
    # Methods: LDA, ZeroshotTM and two language models; two corpora.
    assert counts == {
        "table1": 4 * 2 * 4,
        "table2": 4 * 2 * 2,
        "table3": 2 * 5 * 2 * 4,
        "table5": 2 * 3,
        "table7": 4 * 4 * 2 * 4,
        "table9": 4 * 2,
    }
    np.testing.assert_allclose(frame["difference"], frame["measured"] - frame["published"])


def test_values_stand_beside_those_of_the_same_cell():
    config = configuration(**PAPER)
    main = scores(config)
    frame = compare(config, main)
    row = of(frame, table="table1", method="lda", corpus="stackoverflow", metric="llm_rating").iloc[0]
    chosen = of(main, method="lda", corpus="stackoverflow", metric="llm_rating")
    assert row["published"] == 2.00
    assert row["measured"] == pytest.approx(chosen["value"].mean())
    row = of(frame, table="table7", num_topics=75, method="lda", corpus="stackoverflow", metric="llm_rating").iloc[0]
    assert row["published"] == 2.05
    assert row["measured"] == pytest.approx(of(chosen, num_topics=75)["value"].mean())
    row = of(frame, table="table1", title="Llama 1B", corpus="20newsgroups", metric="c_v").iloc[0]
    assert (row["published"], row["published_method"], row["remark"]) == (0.375, "ours-llama-3.2-1b", CONTRADICTED)


def test_ablations_compare_levels_with_levels_and_differences_with_differences():
    config = configuration(**PAPER)
    frame = of(compare(config, ablation=scores(config, "ablation")), corpus="20newsgroups", metric="c_v")
    ernie = frame[frame["published_method"].str.contains("ernie")]
    assert ernie["published"].tolist() == [0.381, 0.024, -0.042, 0.0, -0.027]
    assert ernie["remark"].tolist() == ["level"] + ["difference from original"] * 4
    assert abs(ernie["measured"].iloc[0] - 0.4) < 0.05
    assert (ernie["measured"].iloc[1:].abs() < 0.05).all()


def differs(config, experiment="main", **where):
    frames = {experiment: scores(config, experiment)}
    return of(compare(config, **frames), **where)["differs"].iloc[0]


@pytest.mark.parametrize(
    ("changes", "where", "expected"),
    [
        ({"num_topics": [25, 50]}, {"method": "lda", "table": "table1"}, "K = 25, 50 instead of 25, 50, 75, 100"),
        ({"num_topics": [25, 50]}, {"method": "lda", "table": "table7"}, NOTHING),
        ({"seeds": [0, 1]}, {"method": "lda", "table": "table7"}, "2 seeds instead of 5"),
        ({"vocabulary_size": 1000}, {"method": "lda"}, "vocabulary of 1,000 words instead of 2,000"),
        ({"top_words": 10}, {"metric": "i_rbo"}, "top 10 words instead of 15"),
        ({"top_words": 10}, {"metric": "purity"}, NOTHING),
        ({"protocol": "corrected"}, {"method": "lda"}, "protocol: corrected"),
        (
            {"corpora": {"20newsgroups": {**PAPER_CORPORA["20newsgroups"], "sample": {"documents": 1200}}}},
            {"method": "lda"},
            "a sample of 1,200 documents instead of 18,846",
        ),
        (
            {"corpora": {"20newsgroups": {"title": "x", "path": "x", "strip": ["quotes"]}}},
            {"method": "lda"},
            "only quotes removed from the posts",
        ),
        (
            {"reference": {"name": "a", "title": "another corpus", "path": "x", "counting": "boolean"}},
            {"metric": "c_v"},
            "reference corpus: another corpus instead of Palmetto’s English Wikipedia",
        ),
        (
            {"reference": {**PAPER["reference"], "counting": "gensim"}},
            {"metric": "c_v"},
            "windows counted as gensim does instead of boolean",
        ),
        (
            {"judge": {"title": "SmolLM2", "slm": "ernie"}},
            {"metric": "llm_rating"},
            "judge: SmolLM2 instead of gpt-4o",
        ),
        (
            {"encoder": {"name": "m", "title": "MiniLM", "folder": "x"}},
            {"method": "zeroshottm"},
            "sentence encoder: MiniLM instead of GTE-large-en-v1.5",
        ),
        ({"encoder": {"name": "m", "title": "MiniLM", "folder": "x"}}, {"method": "lda"}, NOTHING),
        (
            {"methods": {"lda": {}, "softlabel": {"num_epochs": 50}}},
            {"method": "softlabel"},
            "num_epochs = 50 instead of 100",
        ),
        (
            {"slms": {"smollm2": {"title": "SmolLM2-135M", "folder": "x", "max_document_tokens": 96}}},
            {"method": "softlabel"},
            "language model: SmolLM2-135M instead of ERNIE-4.5-0.3B; documents cut after 96 tokens",
        ),
    ],
)
def test_each_difference_of_configuration_is_named(changes, where, expected):
    assert differs(configuration(**{**PAPER, **changes}), **where) == expected


def test_word_vectors_are_named():
    vectors = {"own": {"title": "GloVe", "path": "x"}}
    config = configuration(**{**PAPER, "methods": {"etm": {"word_vectors": "own"}}, "word_vectors": vectors})
    assert differs(config, method="etm") == "word vectors: GloVe instead of word2vec-google-news-300"


def test_prompts_of_another_k_are_labelled():
    config = configuration(
        **{**PAPER, "experiments": {"prompts": {"num_topics": [20], "prompts": ["prompt1", "prompt2"]}}}
    )
    row = compare(config, prompts=scores(config, "prompts")).iloc[0]
    assert row["differs"] == "K = 20 instead of 50; 2 prompts, not the paper’s 5"
    assert row["published"] == 1


def test_what_the_paper_does_not_have_is_left_out():
    corpora = {"mine": {"title": "Mine", "path": "x"}, **PAPER_CORPORA}
    config = configuration(**{**PAPER, "corpora": corpora, "num_topics": [7, 25]})
    frame = compare(config, scores(config))
    assert set(frame["corpus"]) == set(PAPER_CORPORA)
    assert set(of(frame, table="table7")["num_topics"]) == {25}


def test_a_metric_that_is_not_computed_is_left_out():
    config = configuration(**{**PAPER, "judge": None})
    assert "llm_rating" not in set(compare(config, scores(config))["metric"])


def test_ordering_is_kendalls_tau_over_the_common_methods():
    methods = {"lda": {}, "prodlda": {}, "combinedtm": {}, "zeroshottm": {}, "softlabel": {}}
    config = configuration(**{**PAPER, "methods": methods})
    frame = compare(config, scores(config))
    agreed = frame.assign(measured=frame["published"] * 2)
    table = ordering(agreed)
    assert set(table["table"]) == {"table1", "table2"}
    assert (table["methods"] == 6).all()
    assert np.allclose(table["tau"], 1)
    assert np.allclose(ordering(frame.assign(measured=-frame["published"]))["tau"], -1)
    swapped = of(agreed, table="table1", corpus="stackoverflow", metric="purity").copy()
    # .174 .265 .306 .307 .737 .689 published: exchanging the first two turns one of 15 pairs round.
    swapped.iloc[[0, 1], swapped.columns.get_loc("measured")] = swapped["measured"].to_numpy()[[1, 0]]
    assert ordering(swapped)["tau"].iloc[0] == pytest.approx(13 / 15)


def test_ordering_counts_each_published_row_once_and_prefers_the_same_language_model():
    slms = {"other": {"title": "Other", "folder": "x"}, "ernie": PAPER["slms"]["ernie"]}
    config = configuration(**{**PAPER, "slms": slms})
    frame = compare(config, scores(config, shifts={("softlabel", "other"): -9.0}))
    table = ordering(frame)
    assert (table["methods"] == 3).all()
    assert set(table["differs"]) == {NOTHING}
    only = configuration(**{**PAPER, "slms": {"other": slms["other"]}})
    assert "language model: Other" in ordering(compare(only, scores(only)))["differs"].iloc[0]


def test_nothing_in_common_gives_empty_tables():
    config = configuration(corpora={"mine": {"title": "Mine", "path": "x"}})
    frame = compare(config, scores(config))
    assert frame.empty
    assert isinstance(ordering(frame), pd.DataFrame)
