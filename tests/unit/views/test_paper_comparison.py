import numpy as np
import pandas as pd
import pytest

from tests.support import synthetic
from topicbench.core.errors import TopicbenchError
from topicbench.features.section import PAPER_PROMPTS
from topicbench.views import differences, published
from topicbench.views.contract import Scores
from topicbench.views.paper_comparison import CONTRADICTED, PaperComparison, compare, ordering

NOTHING = []
ERNIE = {"title": "ERNIE-4.5-0.3B", "names": ["baidu/ERNIE-4.5-0.3B-PT"]}
LLAMA = {"title": "Llama 1B", "names": ["meta-llama/Llama-3.2-1B-Instruct"]}
GTE = {"title": "GTE", "names": ["Alibaba-NLP/gte-large-en-v1.5"]}
STRIPPED = {"title": "20NewsGroup", "labelled": True, "strip": ["headers", "footers", "quotes"]}
STACKOVERFLOW = {"title": "StackOverflow", "labelled": True}
COMPARED = ("c_v", "llm_rating", "i_rbo", "purity", "precision_at_5", "precision_at_10")
ABLATIONS = ("nll", "nll-bow", "embeddings", "nll-bow-embeddings")


def method(*needs, **settings):
    paper = {"num_epochs": 100, "word_vectors": None}
    return {"title": "", "needs": needs, "settings": {**paper, **settings}, "paper": paper, "ours": False}


def counted_over(**parameters):
    counted = synthetic.METRICS["c_v"].model_copy(update={"parameters": parameters})
    return {"c_v": counted, **{name: synthetic.METRICS[name] for name in COMPARED if name != "c_v"}}


PAPER = {
    "num_topics": [25, 50, 75, 100],
    "seeds": [0, 1, 2, 3, 4],
    "corpora": {"20newsgroups": STRIPPED, "stackoverflow": STACKOVERFLOW},
    "language_models": {"ernie": ERNIE, "small": LLAMA},
    "encoder": GTE,
    "prompts": PAPER_PROMPTS,
    "metrics": counted_over(palmetto="Wikipedia by Palmetto"),
    "methods": {name: method() for name in ("lda", "prodlda", "combinedtm", "softlabel")}
    | {"zeroshottm": method("embeddings"), "etm": method("word_vectors", word_vectors="own")},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The paper's numbers of documents, and twenty labels."""
    folder = tmp_path_factory.mktemp("corpora")
    found = {"documents": [], "kept": []}
    for corpus in PAPER["corpora"]:
        count = published.DOCUMENTS[corpus]
        found["documents"].append(folder / f"{corpus}.parquet")
        found["kept"].append(folder / f"{corpus}.npy")
        pd.DataFrame({"text": ["a b"] * count, "label": np.arange(count) % 20}).to_parquet(found["documents"][-1])
        np.save(found["kept"][-1], np.ones(count, bool))
    return found


@pytest.fixture
def paper(files):
    """Scores of the paper's configuration but for ``changes``, of some experiments."""

    def make(experiments=("main",), baselines=("lda", "zeroshottm"), shifts=None, prompts_topics=50, **changes):
        facts = synthetic.about("", **{**PAPER, **changes})
        others = {}
        for experiment in experiments:
            topics = [prompts_topics] if experiment == "prompts" else facts.num_topics
            own = facts.model_copy(update={"experiment": experiment, "num_topics": topics})
            others[experiment] = synthetic.scores(own, rows(experiment, facts, baselines), shifts)
        known = [list(PAPER["corpora"]).index(corpus) for corpus in facts.corpora if corpus in PAPER["corpora"]]
        # Of a corpus that the paper does not have, whatever is at hand.
        places = known + [0] * (len(facts.corpora) - len(known))
        return Scores(facts, files={need: [paths[i] for i in places] for need, paths in files.items()}, others=others)

    return make


def rows(experiment, facts, baselines):
    ours = [synthetic.row("softlabel", name, model.title, name) for name, model in facts.language_models.items()]
    if experiment == "main":
        return [*(synthetic.row(name, "default", name) for name in baselines), *ours]
    if experiment == "prompts":
        return [ours[0]._replace(variant=name, title=name, role=name) for name in facts.prompts if name != "default"]
    found = []
    for row in ours:
        found.append(row._replace(block=row.slm, role="original"))
        found += [row._replace(variant=f"{row.slm}-{role}", title=role, block=row.slm, role=role) for role in ABLATIONS]
    return found


def of(frame, **where):
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def texts(found):
    return [str(each) for each in found]


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


def test_the_papers_own_configuration_differs_in_nothing(paper):
    scores = paper(["main", "ablation", "prompts"])
    frame = compare(scores)
    assert not any(frame["differs"])
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
    made = PaperComparison().make(scores)
    assert made.further["differences"] == []
    assert not any(row["differs"] for row in [*made.rows, *made.further["ordering"]])


def test_values_stand_beside_those_of_the_same_cell(paper):
    scores = paper()
    frame, main = compare(scores), scores.others["main"].rows
    row = of(frame, table="table1", method="lda", corpus="stackoverflow", metric="llm_rating").iloc[0]
    chosen = of(main, method="lda", corpus="stackoverflow", metric="llm_rating")
    assert row["published"] == 2.00
    assert row["measured"] == pytest.approx(chosen["value"].mean())
    row = of(frame, table="table7", num_topics=75, method="lda", corpus="stackoverflow", metric="llm_rating").iloc[0]
    assert row["published"] == 2.05
    assert row["measured"] == pytest.approx(of(chosen, num_topics=75)["value"].mean())
    row = of(frame, table="table1", title="Llama 1B", corpus="20newsgroups", metric="c_v").iloc[0]
    assert (row["published"], row["published_method"], row["remark"]) == (0.375, "ours-llama-3.2-1b", CONTRADICTED)


def test_ablations_compare_levels_with_levels_and_differences_with_differences(paper):
    scores = paper(["ablation"])
    frame = of(compare(scores), corpus="20newsgroups", metric="c_v")
    ernie = frame[frame["published_method"].str.contains("ernie")]
    assert ernie["published"].tolist() == [0.381, 0.024, -0.042, 0.0, -0.027]
    assert ernie["remark"].tolist() == ["level"] + ["difference from original"] * 4
    assert abs(ernie["measured"].iloc[0] - 0.4) < 0.05
    assert (ernie["measured"].iloc[1:].abs() < 0.05).all()
    gathered = of(scores.others["ablation"].rows, corpus="20newsgroups", metric="c_v", block="ernie")
    nll, original = (of(gathered, role=role)["value"].mean() for role in ("nll", "original"))
    assert ernie["measured"].iloc[1] == pytest.approx(nll - original)


@pytest.mark.parametrize(
    ("changes", "table", "expected"),
    [
        ({"num_topics": [25, 50]}, "table1", ["K: 25, 50 instead of 25, 50, 75, 100"]),
        ({"num_topics": [25, 50]}, "table7", NOTHING),
        ({"seeds": [0, 1]}, "table7", ["seeds: 2 instead of 5"]),
        ({"vocabulary_size": 1000}, "table2", ["words of the vocabulary: 1,000 instead of 2,000"]),
        ({"top_words": 10}, "table1", ["top words: 10 instead of 15"]),
        ({"top_words": 10}, "table2", NOTHING),
        ({"protocol": "corrected"}, "table2", ["protocol: corrected instead of paper"]),
        (
            {"metrics": counted_over(reference="another corpus", counting="boolean")},
            "table1",
            ["reference corpus: another corpus instead of Palmetto’s English Wikipedia"],
        ),
        (
            {"metrics": counted_over(reference="Palmetto’s", counting="gensim")},
            "table1",
            ["counting of windows: gensim instead of boolean"],
        ),
        ({"metrics": counted_over(reference="another corpus", counting="gensim")}, "table2", NOTHING),
        ({"judge": {"title": "SmolLM2", "local": True}}, "table1", ["judge: SmolLM2 instead of gpt-4o"]),
        ({"judge": {"title": "SmolLM2", "local": True}}, "table2", NOTHING),
    ],
)
def test_what_concerns_a_whole_table_is_said_once_and_not_in_its_rows(paper, changes, table, expected):
    made = PaperComparison().make(paper(**changes))
    found = [
        differences.Difference(*list(row.values())[1:]) for row in made.further["differences"] if row["table"] == table
    ]
    assert texts(found) == expected
    section = made.md.split(f"## Table {table[-1]}\n")[1].split("## ")[0]
    assert [line[2:] for line in section.splitlines() if line.startswith("* ")] == expected
    assert not any(row["differs"] for row in made.rows if row["table"] == table)


@pytest.mark.parametrize(
    ("changes", "where", "expected"),
    [
        (
            {"corpora": {"20newsgroups": {**STRIPPED, "sample": 1200}}},
            {"method": "lda"},
            ["documents: a sample of 1,200 instead of 18,846"],
        ),
        (
            {"corpora": {"20newsgroups": {**STRIPPED, "strip": ["quotes"]}}},
            {"method": "lda"},
            ["removed from the posts: quotes instead of footers, headers, quotes"],
        ),
        (
            {"encoder": {"title": "MiniLM"}},
            {"method": "zeroshottm"},
            ["sentence encoder: MiniLM instead of GTE-large-en-v1.5"],
        ),
        ({"encoder": {"title": "MiniLM"}}, {"method": "lda"}, NOTHING),
        (
            {"methods": {**PAPER["methods"], "softlabel": method(num_epochs=50)}},
            {"method": "softlabel"},
            ["num_epochs: 50 instead of 100"],
        ),
        (
            {"language_models": {"smollm2": {"title": "SmolLM2-135M", "max_document_tokens": 96}}},
            {"method": "softlabel"},
            ["language model: SmolLM2-135M instead of ERNIE-4.5-0.3B", "tokens read: the first 96 instead of all"],
        ),
        (
            {"language_models": {"ernie": {**ERNIE, "quantised": True}}},
            {"method": "softlabel"},
            ["weights: quantised instead of the original ones"],
        ),
        (
            {"prompts": {"default": "Name it."}},
            {"method": "softlabel"},
            ["instruction: “Name it.” instead of the paper’s"],
        ),
    ],
)
def test_what_concerns_a_corpus_or_a_method_is_said_in_its_rows(paper, changes, where, expected):
    scores = paper(**changes)
    assert texts(of(compare(scores), **where)["differs"].iloc[0]) == expected
    assert PaperComparison().make(scores).further["differences"] == []


def test_an_ablations_encoder_is_named_where_it_reads_one(paper):
    frame = compare(paper(["ablation"], encoder={"title": "MiniLM"}))
    named = frame[frame["differs"].astype(bool)]["published_method"]
    assert set(named.str.split(", ").str[1]) == {"embeddings", "nll+bow+embeddings"}


def test_word_vectors_are_named(paper):
    frame = compare(paper(baselines=["etm"], word_vectors={"own": {"title": "GloVe"}}))
    found = of(frame, method="etm")["differs"].iloc[0]
    assert texts(found) == ["word vectors: GloVe instead of word2vec-google-news-300"]


def test_prompts_of_another_k_are_labelled(paper):
    prompts = {name: PAPER_PROMPTS[name] for name in ("default", "prompt1", "prompt2")}
    scores = paper(["prompts"], prompts_topics=20, prompts=prompts)
    made = PaperComparison().make(scores)
    found = [(row["setting"], row["here"], row["paper"]) for row in made.further["differences"]]
    assert found == [("K", "20", "50"), ("prompts", "2", "the paper’s")]
    assert of(compare(scores), table="table9")["published"].iloc[0] == 1


def test_without_a_second_seed_there_is_no_analysis_of_variance_to_compare(paper):
    assert "table9" not in set(compare(paper(["prompts"], seeds=[0]))["table"])


def test_what_the_paper_does_not_have_is_left_out(paper):
    corpora = {**PAPER["corpora"], "mine": {"title": "Mine", "labelled": True}}
    frame = compare(paper(corpora=corpora, num_topics=[7, 25]))
    assert set(frame["corpus"]) == set(PAPER["corpora"])
    assert set(of(frame, table="table7")["num_topics"]) == {25}


def test_a_metric_that_is_not_computed_is_left_out(paper):
    metrics = {**PAPER["metrics"], "llm_rating": synthetic.uncomputed("llm_rating")["llm_rating"]}
    assert "llm_rating" not in set(compare(paper(judge=None, metrics=metrics))["metric"])


def test_controls_and_experiments_that_were_not_run_are_left_out(paper):
    scores = paper(controls=synthetic.CONTROLS)
    assert set(scores.others["main"].rows["group"]) == {"baseline", "ours", "control"}
    assert set(compare(scores)["method"].dropna()) == {"lda", "zeroshottm", "softlabel"}
    assert set(compare(paper([]))["table"]) == {"table5"}


def test_ordering_is_kendalls_tau_over_the_common_methods(paper):
    frame = compare(paper(baselines=["lda", "prodlda", "combinedtm", "zeroshottm"]))
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


def test_ordering_counts_each_published_row_once_and_prefers_the_same_language_model(paper):
    other = {"title": "Other"}
    table = ordering(
        compare(paper(shifts={("softlabel", "other"): -9.0}, language_models={"other": other, "ernie": ERNIE}))
    )
    assert (table["methods"] == 3).all()
    assert not any(table["differs"])
    only = ordering(compare(paper(language_models={"other": other})))
    assert "language model: Other" in str(only["differs"].iloc[0][0])


def test_nothing_in_common_gives_empty_records(paper):
    scores = paper(corpora={"mine": {"title": "Mine", "labelled": True}})
    assert compare(scores).empty
    made = PaperComparison().make(scores)
    assert made.rows == []
    assert made.further == {"ordering": [], "differences": []}


def test_published_tables_may_lie_elsewhere(paper, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(PaperComparison().make(paper([])).rows) == 6
    (tmp_path / "table5.csv").write_text("dataset,statistic,value\nstackoverflow,labels,21\n")
    [row] = PaperComparison(tmp_path).make(paper([])).rows
    assert (row["published"], row["measured"], row["difference"]) == (21, 20, -1)
    outputs = PaperComparison().outputs()
    assert (outputs["ordering"], outputs["differences"]) == ("paper_ordering.csv", "paper_differences.csv")
