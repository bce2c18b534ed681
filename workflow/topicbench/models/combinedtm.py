"""CombinedTM (Bianchi et al. 2021a), through OCTIS."""

from __future__ import annotations

from typing import ClassVar

from topicbench.models._contextual import Contextual


class CombinedTM(Contextual):
    """The encoder reads the bag of words and the sentence embedding, the latter projected to V dimensions."""

    name: ClassVar[str] = "combinedtm"
    title: ClassVar[str] = "CombinedTM"
    inference_type: ClassVar[str] = "combined"
