"""ThemeMix: documents grouped by a mixture over themes, themes named by the paper's objective in closed form.

docs/thememix.md derives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, model_validator
from scipy.sparse import csr_matrix

from topicbench.models._common import require_fitted_shapes, require_inputs, topic_model
from topicbench.models._k_means import k_means
from topicbench.models._logit_correction import column_moments
from topicbench.models._topic_words import class_tf_idf, exclusive, standardised
from topicbench.models.contract import Inputs, Method, Need, TopicModel

BLOCK = 480
"""Documents of one matrix product. All products are padded to it: a row's last bits then depend on no other row."""
CALIBRATED_ON = 2000
"""Documents at most that the temperature of θ is chosen on."""
SAME = 1 - 1e-9
"""Cosine from which two documents are copies of one another, and say nothing about neighbours."""

Words = Literal["c_tf_idf", "soft_labels", "embeddings"]


class ThemeMix(Method):
    """A von Mises-Fisher mixture of embeddings, hidden states and tf-idf, whose words all three signals choose.

    Nothing is trained but the mixture: a fit takes seconds. With ``hidden_states_weight: 0`` and ``words: [c_tf_idf]``
    it reads no language model.
    """

    name: ClassVar[str] = "thememix"
    title: ClassVar[str] = "ThemeMix"
    environment: ClassVar[str] = "slm"
    reads_bag_of_words: ClassVar[bool] = False

    embeddings_weight: float = Field(1.0, ge=0, description="Length of a document's embedding in the grouping.")
    hidden_states_weight: float = Field(
        0.7, ge=0, description="Length of its hidden state, standardised over the corpus, in the grouping."
    )
    tf_idf_weight: float = Field(0.5, ge=0, description="Length of its reduced tf-idf in the grouping.")
    tf_idf_components: PositiveInt = Field(100, description="Singular vectors that tf-idf is reduced to.")
    components: PositiveInt = Field(64, description="Principal components that the three together are reduced to.")
    neighbours: PositiveInt = Field(
        15, description="Nearest documents a document is moved towards; at most the documents of an average topic."
    )
    pull: float = Field(0.75, ge=0, le=1, description="How far it is moved towards their mean; 0: not at all.")
    landmarks: int = Field(
        10_000, ge=1, strict=True, description="Documents at most among which neighbours are sought, drawn by the seed."
    )
    restarts: PositiveInt = Field(10, description="Starts of k-means++; the best of them starts the mixture.")
    iterations: PositiveInt = Field(50, description="Steps of expectation and maximisation.")
    concentration: PositiveFloat | Literal["estimated"] = Field(
        "estimated", description="The mixture's shared concentration: estimated in every step, or a number."
    )
    calibrate: bool = Field(
        True, description="Choose the temperature of θ by which neighbouring documents agree best on their topics."
    )
    words: tuple[Words, ...] = Field(
        ("c_tf_idf", "soft_labels", "embeddings"),
        min_length=1,
        description="What topics are named by; the sum of several.",
    )
    exclusivity: float = Field(
        0.5, ge=0, lt=1, description="Weight of how much a word is one topic's alone against how typical it is of it."
    )

    @model_validator(mode="after")
    def _something_to_group_by(self) -> ThemeMix:
        if not (self.embeddings_weight or self.hidden_states_weight or self.tf_idf_weight):
            raise ValueError("one of embeddings_weight, hidden_states_weight and tf_idf_weight must be above 0")
        if len(set(self.words)) < len(self.words):
            raise ValueError("words names one thing twice")
        return self

    @property
    def needs(self) -> frozenset[Need]:
        needs: set[Need] = set(self._read)
        if "soft_labels" in self.words:
            needs.add("vocabulary_logits")
        if "embeddings" in self.words:
            needs |= {"embeddings", "word_embeddings"}
        return frozenset(needs)

    @property
    def _read(self) -> list[Need]:
        """What documents are grouped by, beside the bag of words."""
        weights: dict[Need, float] = {"embeddings": self.embeddings_weight, "hidden_states": self.hidden_states_weight}
        return [need for need, weight in weights.items() if weight]

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """Rows of theta and of beta sum to one.

        A topic that no document belongs to (where there are fewer distinct documents than topics) has a row of beta
        all the same: what its documents' small weights make of it.
        """
        require_inputs(self, inputs, num_topics)
        generator = np.random.default_rng(seed)
        state = self._reading(inputs, seed)
        points = self._points(state, inputs)
        count = min(self.landmarks, len(points))
        rows = np.sort(generator.permutation(len(points))[:count])
        state["landmarks"] = points[rows]
        nearest, similarity = _nearest(points, state["landmarks"], self._neighbours(count, num_topics))
        moved = self._moved(points, state["landmarks"], nearest)
        mixture = self._mixture(moved, num_topics, seed)
        temperature = 1.0
        if self.calibrate:
            scores = moved @ mixture["directions"].T + mixture["offsets"]
            temperature = _temperature(scores, rows[nearest], similarity)
        state |= {
            "neighbours": np.array(nearest.shape[1]),
            "directions": temperature * mixture["directions"],
            "offsets": temperature * mixture["offsets"],
        }
        infer = self.restore(state)
        fitted = topic_model(
            self,
            infer(inputs),
            self._beta(inputs, mixture["responsibilities"]),
            {
                "concentration": mixture["concentration"],
                "effective_dimension": mixture["dimension"],
                "temperature": temperature,
                "epochs_run": self.iterations,
                "documents_per_topic": np.bincount(
                    mixture["responsibilities"].argmax(axis=1), minlength=num_topics
                ).tolist(),
            },
            "look at the inputs",
        )
        return TopicModel(fitted.theta, fitted.beta, details=fitted.details, infer=infer, state=state)

    def restore(self, state: Mapping[str, np.ndarray]) -> Callable[[Inputs], np.ndarray]:
        """θ of documents from the arrays of a fitted model; a document's does not depend on the others'."""
        widths = {"bow": len(state["idf"])} if "idf" in state else {}
        widths |= {need: int(state[f"{need}_width"]) for need in self._read}

        def infer(inputs: Inputs) -> np.ndarray:
            require_fitted_shapes(self, inputs, widths)
            points = self._points(state, inputs)
            nearest, _ = _nearest(points, state["landmarks"], int(state["neighbours"]))
            moved = self._moved(points, state["landmarks"], nearest)
            return _softmax(_product(moved, state["directions"]) + state["offsets"]).astype(np.float32)

        return infer

    # Documents as points: the three signals, reduced, and moved towards their neighbours.

    def _reading(self, inputs: Inputs, seed: int) -> dict[str, np.ndarray]:
        """What documents are read by: moments of the hidden states, tf-idf's weights and vectors, the reduction."""
        state: dict[str, np.ndarray] = {
            f"{need}_width": np.array(getattr(inputs, need).shape[1]) for need in self._read
        }
        if self.hidden_states_weight:
            state["shift"], state["scale"] = column_moments(inputs.hidden_states)
        if self.tf_idf_weight:
            from sklearn.preprocessing import normalize
            from sklearn.utils.extmath import randomized_svd

            documents, words = inputs.bow.shape
            # As in scikit-learn's TfidfTransformer.
            state["idf"] = np.log((1 + documents) / (1 + inputs.bow.getnnz(axis=0))) + 1
            rank = max(1, min(self.tf_idf_components, documents - 1, words - 1))
            weighted = normalize(_tf_idf(inputs.bow, state["idf"]))
            state["vectors"] = randomized_svd(weighted, rank, random_state=seed)[2].T.copy()
        blocks, total, squares = 0, 0.0, 0.0
        for block in self._signals(state, inputs):
            total, squares, blocks = total + block.sum(axis=0), squares + block.T @ block, blocks + len(block)
        state["mean"] = np.asarray(total / blocks)
        values, vectors = np.linalg.eigh(squares / blocks - np.outer(state["mean"], state["mean"]))
        kept = max(1, int((values > 1e-9 * max(values[-1], 1e-9)).sum()))
        state["projection"] = vectors[:, ::-1][:, : min(kept, self.components)].T.copy()
        return state

    def _signals(self, state: Mapping[str, np.ndarray], inputs: Inputs) -> Iterator[np.ndarray]:
        """The concatenated signals of the documents, block by block, each signal of its weight's length."""
        for start in range(0, len(inputs.texts), BLOCK):
            rows = slice(start, start + BLOCK)
            parts = []
            if self.embeddings_weight:
                parts.append(self.embeddings_weight * _unit(np.asarray(inputs.embeddings[rows], dtype=np.float64)))
            if self.hidden_states_weight:
                hidden = (np.asarray(inputs.hidden_states[rows], dtype=np.float64) - state["shift"]) / state["scale"]
                parts.append(self.hidden_states_weight * _unit(hidden))
            if self.tf_idf_weight:
                parts.append(self.tf_idf_weight * _unit(_tf_idf(inputs.bow[rows], state["idf"]) @ state["vectors"]))
            yield np.hstack(parts)

    def _points(self, state: Mapping[str, np.ndarray], inputs: Inputs) -> np.ndarray:
        """N×q float64 principal components of the documents, of unit length."""
        blocks = [_product(block - state["mean"], state["projection"]) for block in self._signals(state, inputs)]
        return _unit(np.concatenate([np.zeros((0, len(state["projection"]))), *blocks]))

    def _neighbours(self, landmarks: int, num_topics: int) -> int:
        return max(1, min(self.neighbours, landmarks // num_topics))

    def _moved(self, points: np.ndarray, landmarks: np.ndarray, nearest: np.ndarray) -> np.ndarray:
        if not self.pull:
            return points
        moved = np.empty_like(points)
        for start in range(0, len(points), BLOCK):
            rows = slice(start, start + BLOCK)
            moved[rows] = (1 - self.pull) * points[rows] + self.pull * landmarks[nearest[rows]].mean(axis=1)
        return _unit(moved)

    # The mixture.

    def _mixture(self, points: np.ndarray, num_topics: int, seed: int) -> dict[str, Any]:
        """Expectation and maximisation from the best k-means start.

        Returns:
            directions: K×q, the concentration times the mean directions. offsets: K logarithms of the shares, so that
            scores are points · directions + offsets. responsibilities: N×K. concentration and dimension.
        """
        documents = len(points)
        assigned, centres = k_means(points, num_topics, self.restarts, seed)
        responsibilities = np.eye(num_topics)[assigned]
        dimension = effective_dimension(points - centres[assigned])
        directions = _unit(centres)
        for _ in range(self.iterations):
            sums = responsibilities.T @ points
            # A theme that lost all its documents stays where it was.
            there = np.linalg.norm(sums, axis=1, keepdims=True) > 1e-9
            directions = np.where(there, _unit(sums), directions)
            # One document more for every theme: no share is 0.
            shares = (responsibilities.sum(axis=0) + 1) / (documents + num_topics)
            concentration = self.concentration
            if concentration == "estimated":
                resultant = min(float(np.linalg.norm(sums, axis=1).sum()) / documents, 1 - 1e-6)
                # On the unit sphere of D + 1 dimensions documents deviate in D (Banerjee et al. 2005, equation 4.4).
                concentration = resultant * (dimension + 1 - resultant**2) / (1 - resultant**2)
            scores = concentration * (points @ directions.T) + np.log(shares)
            responsibilities = _softmax(scores)
        return {
            "directions": concentration * directions,
            "offsets": np.log(shares),
            "responsibilities": responsibilities,
            "concentration": float(concentration),
            "dimension": dimension,
        }

    # The words.

    def _beta(self, inputs: Inputs, responsibilities: np.ndarray) -> np.ndarray:
        """K×V, each row a distribution: the one of least Σ KL(β ‖ q) over what words are named by."""
        scores = np.zeros((responsibilities.shape[1], len(inputs.vocabulary)))
        if "c_tf_idf" in self.words:
            # The square root: its few large values would otherwise decide alone.
            scores += standardised(np.sqrt(class_tf_idf(inputs.bow, responsibilities)))
        if "soft_labels" in self.words:
            scores += standardised(_mean_of_groups(inputs.vocabulary_logits, responsibilities))
        if "embeddings" in self.words:
            # The mean over a group's documents of their cosine with the word, less the word's mean over the corpus.
            documents, words = (_unit(np.asarray(each)) for each in (inputs.embeddings, inputs.word_embeddings))
            scores += standardised(_mean_of_groups(documents, responsibilities) @ words.T)
        return _softmax(exclusive(scores, self.exclusivity))


def effective_dimension(deviations: np.ndarray) -> float:
    """In how many directions N×q deviations from means go: (Σλ)² / Σλ² of their covariance's eigenvalues, 1 to q.

    1 where nothing deviates.
    """
    values = np.linalg.eigvalsh(deviations.T @ deviations / len(deviations))
    values = np.where(values > 1e-12, values, 0)
    return float(values.sum() ** 2 / (values**2).sum()) if values.any() else 1.0


def _nearest(points: np.ndarray, landmarks: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` landmarks of largest cosine of each of N points, ascending, and their cosines: both N×count."""
    nearest = np.empty((len(points), count), dtype=np.int64)
    similarity = np.empty((len(points), count))
    for start in range(0, len(points), BLOCK):
        block = points[start : start + BLOCK]
        cosines = _product(block, landmarks)
        found = np.sort(np.argpartition(-cosines, count - 1, axis=1)[:, :count], axis=1)
        nearest[start : start + BLOCK] = found
        similarity[start : start + BLOCK] = np.take_along_axis(cosines, found, axis=1)
    return nearest, similarity


def _temperature(scores: np.ndarray, nearest: np.ndarray, similarity: np.ndarray) -> float:
    """The factor t of N×K scores by which softmax(t · scores) says best which documents are neighbours.

    It maximises the mean over pairs of neighbours of log Σ_k θ_nk θ_mk / π_k: the logarithm of how much more likely two
    documents are to share a theme than two at random. A θ too sure of itself pays for every pair it parts.

    Args:
        scores: N×K.
        nearest: N×m rows of each document's neighbours, itself possibly among them.
        similarity: N×m cosines; what is a copy does not count.
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(0, len(scores), max(1, len(scores) // CALIBRATED_ON))
    first, place = np.nonzero(similarity[rows] < SAME)
    first, second = rows[first], nearest[rows][first, place]
    if not len(first):
        return 1.0

    def disagreement(logarithm: float) -> float:
        theta = _softmax(np.exp(logarithm) * scores)
        shared = (theta[first] * theta[second] / np.maximum(theta.mean(axis=0), 1e-12)).sum(axis=1)
        return -float(np.log(shared + 1e-30).mean())

    return float(np.exp(minimize_scalar(disagreement, bounds=(np.log(0.02), np.log(2)), method="bounded").x))


def _mean_of_groups(rows: np.ndarray, responsibilities: np.ndarray) -> np.ndarray:
    """The mean of N rows in each group less their mean over the corpus, without a float64 copy of all of them."""
    # A group without documents gets the mean of all.
    weights = responsibilities + 1e-9
    weights = (weights / weights.sum(axis=0)).astype(np.float32)
    means = weights.T @ np.asarray(rows, dtype=np.float32) - rows.mean(axis=0, dtype=np.float64)
    return np.asarray(means, dtype=np.float64)


def _product(block: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """``block @ rows.T`` for any number of documents, `BLOCK` at a time, the last padded."""
    parts = []
    for start in range(0, len(block), BLOCK):
        part = block[start : start + BLOCK]
        padded = np.zeros((BLOCK, block.shape[1]))
        padded[: len(part)] = part
        parts.append((padded @ rows.T)[: len(part)])
    return np.concatenate(parts) if parts else np.zeros((0, len(rows)))


def _tf_idf(bow: csr_matrix, idf: np.ndarray) -> csr_matrix:
    """N×V: (1 + log count) · idf of the words that are there."""
    weighted = csr_matrix(bow, dtype=np.float64, copy=True)
    weighted.eliminate_zeros()
    weighted.data = (1 + np.log(weighted.data)) * idf[weighted.indices]
    return weighted


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; a row of zeros stays one."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-12)


def _softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
