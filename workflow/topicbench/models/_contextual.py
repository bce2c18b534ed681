"""The contextualised topic models of Bianchi et al. (2021), through OCTIS."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from topicbench.models._common import require_inputs
from topicbench.models._octis import Autoencoder
from topicbench.models.contract import Inputs, Need, TopicModel


class Contextual(Autoencoder):
    """ProdLDA whose encoder reads sentence embeddings; the reconstruction's target stays the bag of words."""

    environment: ClassVar[str] = "octis"
    inference_type: ClassVar[str]
    """OCTIS's word for what the encoder reads."""

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"embeddings"})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        from octis.models.contextualized_topic_models.models.ctm import CTM as Network
        from octis.models.CTM import CTM

        require_inputs(self, inputs, num_topics)
        # OCTIS takes embeddings from the file `bert_path + "_train.pkl"` where it exists, without a look at what they
        # belong to. A folder of this fit's own keeps embeddings of another corpus out.
        with tempfile.TemporaryDirectory(prefix="topicbench-") as folder:
            prefix = Path(folder, "embeddings")
            with open(f"{prefix}_train.pkl", "wb") as file:
                pickle.dump(inputs.embeddings, file)
            more = {
                "inference_type": self.inference_type,
                "bert_path": str(prefix),
                "bert_model": None,
                "seed": seed,
            }
            return self.train(inputs, num_topics, seed, CTM, Network, more)

    def library_documents(self, inputs: Inputs) -> Any:
        from octis.models.contextualized_topic_models.datasets.dataset import CTMDataset

        return CTMDataset(inputs.bow.toarray(), inputs.embeddings, dict(enumerate(inputs.vocabulary)))
