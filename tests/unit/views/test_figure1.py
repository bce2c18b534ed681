import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from scipy.sparse import csr_matrix, save_npz
from scipy.special import softmax
from scipy.stats import entropy

from tests.support.figures import about, methods
from topicbench.core.errors import TopicbenchError
from topicbench.views import figure1, style
from topicbench.views.contract import Scores

VOCABULARY = ["apollo", "bake", "cake", "dough", "earth", "fine", "moon", "orbit", "oven", "time", "unknown", "yeast"]
SPACE, FOOD = ("apollo", "earth", "moon", "orbit"), ("bake", "cake", "dough", "oven", "yeast")


FIRST = np.arange(6) == 0
SECTION = {"corpus": "20newsgroups", "slm": "smollm2", "word_vectors": "glove"}
FACTS = about(word_vectors={"glove": {"title": "GloVe"}}).model_copy(update={"section": SECTION})


def corpus():
    """Two classes that share two words, with word vectors along one axis per class."""
    texts = [
        "moon orbit fine",
        "apollo moon earth time",
        "earth orbit orbit moon fine",
        "cake oven fine",
        "bake dough time yeast",
        "yeast cake oven time",
    ]
    documents = pd.DataFrame(
        {
            "doc_id": range(6),
            "text": texts,
            "label": [0, 0, 0, 1, 1, 1],
            "label_name": ["space"] * 3 + ["food"] * 3,
        }
    )
    bow = csr_matrix([[text.split().count(word) for word in VOCABULARY] for text in texts])
    axis = {word: (1.0, 0.1) for word in SPACE} | {word: (0.1, 1.0) for word in FOOD}
    vectors = np.array([axis.get(word, (-3.0, -1.0)) for word in VOCABULARY])
    found = np.array([word != "unknown" for word in VOCABULARY])
    return documents, bow, vectors, found


@pytest.fixture
def drawn(tmp_path):
    """Figure 1 of given logits; kept is the first document alone, so that it is the one shown."""

    def draw(logits, kept=FIRST, **columns):
        documents, bow, vectors, found = corpus()
        arrays = {"kept": kept, "logits": logits, "word_vectors": vectors, "found": found}
        files = {need: tmp_path / f"{need}.npy" for need in arrays}
        for need, array in arrays.items():
            np.save(files[need], array)
        files |= {
            "documents": tmp_path / "documents.parquet",
            "vocabulary": tmp_path / "v.txt",
            "bow": tmp_path / "b.npz",
        }
        documents.assign(**columns).dropna(axis="columns").to_parquet(files["documents"])
        files["vocabulary"].write_text("".join(word + "\n" for word in VOCABULARY))
        save_npz(files["bow"], bow)
        return figure1.Figure1().make(Scores(FACTS, files={need: [path] for need, path in files.items()}))

    return draw


def logits_for(*words):
    """Logits of six equal documents: the named words most likely, first the first."""
    row = np.linspace(0, -1, len(VOCABULARY))
    for place, word in enumerate(reversed(words), start=1):
        row[VOCABULARY.index(word)] = 5.0 * place
    return np.tile(row, (6, 1)).astype(np.float32)


def test_both_panels_hold_the_two_distributions_best_first(drawn):
    logits = logits_for("apollo", "earth", "unknown")
    data = drawn(logits).data
    bag = data[data["panel"] == "bag_of_words"]
    assert bag["word"].tolist() == ["fine", "moon", "orbit"]
    np.testing.assert_allclose(bag["probability"], 1 / 3)
    soft = data[data["panel"] == "soft_label"]
    expected = pd.Series(softmax(logits[0].astype(float) / 3.0), VOCABULARY).sort_values(ascending=False)
    assert soft["word"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(soft["probability"], expected)
    assert soft["rank"].tolist() == list(range(1, 13))
    assert (data["class"] == "space").all()


def test_boxes_follow_the_rule(drawn):
    data = drawn(logits_for("apollo", "earth", "unknown", "moon")).data
    box = {panel: rows.set_index("word")["box"] for panel, rows in data.groupby("panel")}
    # Absent and of the class: green. Present and far from it: orange. Present and of the class: none.
    assert box["soft_label"]["apollo"] == box["soft_label"]["earth"] == "green"
    assert box["bag_of_words"]["fine"] == "orange"
    assert box["bag_of_words"]["moon"] == box["soft_label"]["moon"] == ""
    # Absent and of the other class: none; absent and without a vector: none.
    assert box["soft_label"]["cake"] == box["soft_label"]["unknown"] == ""
    assert data.loc[data["word"] == "unknown", "relatedness"].isna().all()


def test_boxes_are_what_columns_of_the_csv_say(drawn):
    data = drawn(logits_for("apollo", "cake")).data
    green = ~data["in_document"] & (data["relatedness"] >= data["related_from"])
    orange = data["in_document"] & (data["relatedness"] < data["distant_below"])
    assert data["box"].tolist() == np.select([green, orange], ["green", "orange"], "").tolist()


def test_class_words_are_those_of_largest_divergence_without_the_document():
    _, bow, _, _ = corpus()
    labels = np.array([0, 0, 0, 1, 1, 1])
    counts = np.delete(bow.toarray(), 2, axis=0).astype(float)
    p, q = counts[:2].sum(axis=0) / counts[:2].sum(), counts.sum(axis=0) / counts.sum()
    expected = {word: a * np.log(a / b) for word, a, b in zip(VOCABULARY, p, q, strict=True) if a > b}
    found = [VOCABULARY[i] for i in figure1.class_words(bow, labels, 2)]
    assert found == sorted(expected, key=lambda word: (-round(expected[word], 12), word))
    assert set(SPACE) <= set(found)
    assert not set(FOOD) & set(found)


def test_relatedness_is_the_centred_cosine():
    rng = np.random.default_rng(0)
    vectors, found = rng.normal(size=(9, 4)) + 3, np.array([True] * 8 + [False])
    anchors = np.array([1, 4, 8])
    centred = vectors - vectors[:8].mean(axis=0)
    units = [row / np.linalg.norm(row) for row in centred]
    centre = units[1] + units[4]
    expected = [unit @ centre / np.linalg.norm(centre) for unit in units[:8]]
    near = figure1.relatedness(vectors, found, anchors)
    np.testing.assert_allclose(near[:8], expected)
    assert np.isnan(near[8])


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10), st.floats(0.1, 50))
def test_relatedness_does_not_depend_on_the_scale_or_origin_of_the_vectors(seed, scale, shift):
    vectors = np.random.default_rng(seed).normal(size=(12, 5))
    found, anchors = np.ones(12, bool), np.array([0, 3, 7])
    before = figure1.relatedness(vectors, found, anchors)
    np.testing.assert_allclose(figure1.relatedness(vectors * scale + shift, found, anchors), before, atol=1e-8)


def test_chosen_document_has_the_median_entropy_of_those_of_readable_length():
    rng = np.random.default_rng(1)
    lengths = np.array([14, 15, 20, 30, 40, 41, 25, 18])
    bow = csr_matrix(np.arange(50) < lengths[:, None]).astype(int)
    logits = rng.normal(size=(8, 50)) * np.arange(1, 9)[:, None]
    kept = np.ones(8, bool)
    kept[6] = False
    candidates = [1, 2, 3, 4, 7]
    by_entropy = sorted(candidates, key=lambda row: entropy(softmax(logits[row] / 3.0)))
    assert figure1.choose_document(bow, logits, 3.0, kept) == by_entropy[2]


def test_short_documents_are_chosen_by_nearness_to_readable_length():
    bow = csr_matrix(np.arange(50) < np.array([2, 9, 5, 9, 60])[:, None]).astype(int)
    logits = np.zeros((5, 50))
    assert figure1.choose_document(bow, logits, 3.0, np.array([True] * 4 + [False])) == 1


def test_the_chosen_document_is_drawn_and_the_caption_says_how_it_was_chosen(drawn):
    logits, kept = logits_for("apollo"), np.ones(6, bool)
    drawing = drawn(logits, kept)
    assert drawing.data["doc_id"].iloc[0] == figure1.choose_document(corpus()[1], logits, 3.0, kept)
    assert (drawing.data["choice"] == "median entropy").all()
    for stated in ("median soft-label entropy", "20NewsGroup", "SmolLM2-135M at τ = 3", "GloVe, centred"):
        assert stated in drawing.caption


def test_the_temperature_is_the_configured_one_or_else_the_papers(drawn, monkeypatch):
    for names, tau in ((methods(temperature=2.0), 2), (methods(["lda"]), 3)):
        monkeypatch.setitem(globals(), "FACTS", FACTS.model_copy(update={"methods": about(methods=names).methods}))
        assert set(drawn(logits_for("apollo")).data["temperature"]) == {tau}


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"kept": np.zeros(6, bool)}, "no document has a word"), ({"label": None}, "no labels")],
)
def test_errors_say_what_is_wrong(drawn, changes, message):
    with pytest.raises(TopicbenchError, match=message):
        drawn(logits_for("apollo"), **changes)


def test_class_without_any_word_vector_is_an_error():
    with pytest.raises(TopicbenchError, match="word vector"):
        figure1.relatedness(np.ones((3, 2)), np.zeros(3, bool), np.array([0]))


def test_what_the_configuration_lacks_is_named():
    assert figure1.Figure1().requires(FACTS) == ""
    lacking = FACTS.model_copy(update={"section": {**SECTION, "corpus": None, "word_vectors": None}})
    assert figure1.Figure1().requires(lacking) == "a corpus with labels, word vectors"


def test_drawing_boxes_the_words_that_the_data_box(drawn, tmp_path):
    drawing = drawn(logits_for("apollo", "earth", "cake"), text="costs $5 or $6: moon orbit fine")
    data, figure = drawing.data, drawing.figure
    style.save(figure, tmp_path / "figure.pdf", tmp_path / "figure.png")
    colours = {"green": style.GREEN, "orange": style.ORANGE}
    for axes, panel in zip(figure.axes, figure1.PANELS, strict=True):
        rows = data[data["panel"] == panel]
        assert [bar.get_width() for bar in axes.patches] == rows["probability"].tolist()
        labels = axes.get_yticklabels()
        assert [label.get_text() for label in labels] == rows["word"].tolist()
        edges = [to_hex(b.get_edgecolor()).upper() if (b := label.get_bbox_patch()) else "" for label in labels]
        assert edges == [colours.get(box, "") for box in rows["box"]]
