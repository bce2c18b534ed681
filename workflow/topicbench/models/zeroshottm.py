"""ZeroshotTM (Bianchi et al. 2021b), through OCTIS."""

from __future__ import annotations

from typing import ClassVar

from topicbench.models._contextual import Contextual


class ZeroshotTM(Contextual):
    """The encoder reads the sentence embedding alone."""

    name: ClassVar[str] = "zeroshottm"
    title: ClassVar[str] = "ZeroshotTM"
    inference_type: ClassVar[str] = "zeroshot"
