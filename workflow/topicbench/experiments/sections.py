"""The experiments' part of the configuration: which runs are asked for beside the main grid."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from topicbench.core.protocol import SWITCHES
from topicbench.core.sections import Closed, Name, NonEmpty, Seed, Topics, unique


class Grid(Closed):
    """Numbers of topics and seeds of an experiment; what is left out comes from the top level."""

    num_topics: list[Topics] | None = Field(None, min_length=1, description="K values; null: the top-level num_topics.")
    seeds: list[Seed] | None = Field(None, min_length=1, description="Seeds; null: the top-level seeds.")

    _unique_values = field_validator("num_topics", "seeds")(lambda values: values and unique(values))


class Ablation(Grid):
    """Table 3: the soft-label model with one or more of its parts replaced."""

    slms: list[Name] | None = Field(None, min_length=1, description="Language models; null: all.")


class Temperature(Grid):
    """Figures 3 and 4: the temperature of the soft target."""

    slm: Name | None = Field(None, description="Language model; null: the first.")
    temperatures: list[Annotated[float, Field(gt=0)]] = Field(
        [0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9], min_length=2, description="Values of tau."
    )

    _unique_values_of_tau = field_validator("temperatures")(unique)


class Prompts(Grid):
    """Table 9: sensitivity to the instruction's wording (two-way ANOVA of prompt and seed)."""

    corpus: Name | None = Field(None, description="Corpus; null: the first.")
    slm: Name | None = Field(None, description="Language model; null: the first.")
    prompts: list[Name] | None = Field(None, min_length=2, description="Names of prompts; null: all but the default.")


class VocabularySize(Grid):
    """Figure 5: the size of the vocabulary, for every method."""

    corpus: Name | None = Field(None, description="Corpus; null: the first.")
    slm: Name | None = Field(None, description="Language model; null: the first.")
    sizes: list[Annotated[int, Field(ge=10, strict=True)]] = Field(
        [500, 1000, 2000, 4000], min_length=2, description="Values of |V|."
    )

    _unique_sizes = field_validator("sizes")(unique)


class Qualitative(Closed):
    """Table 4: for a class, the topic that holds most of its documents."""

    corpus: Name | None = Field(None, description="Corpus; null: the first.")
    classes: list[NonEmpty] = Field(
        ["alt.atheism", "talk.politics.misc"], min_length=1, description="Names of the classes shown."
    )
    num_topics: Topics | None = Field(None, description="K; null: the second smallest of num_topics, or the only one.")
    seed: Seed | None = Field(None, description="Seed; null: the first of seeds.")


class ProtocolSwitches(Grid):
    """results/protocol: every method under `protocol: paper` and with its switches as in `corrected`."""

    corpora: list[Name] | None = Field(None, min_length=1, description="Corpora; null: all.")
    slm: Name | None = Field(None, description="Language model of the soft-label methods; null: the first.")
    switches: list[Literal[SWITCHES]] = Field(
        [*SWITCHES], min_length=1, description="Switches of protocol: each alone, and all of these together."
    )

    _unique_names = field_validator("corpora", "switches")(lambda values: values and unique(values))


class Calibration(Ablation):
    """results/calibration: the plain soft-label model against its calibrated soft labels, correction by correction."""


class Backbones(Grid):
    """Soft labels as the target of other methods, each beside the method itself."""

    corpora: list[Name] | None = Field(None, min_length=1, description="Corpora; null: all.")
    slm: Name | None = Field(None, description="Language model; null: the first.")
    methods: list[Literal["etm", "ecrtm", "fastopic"]] = Field(
        ["etm", "ecrtm", "fastopic"], min_length=1, description="The backbones, each one of methods."
    )

    _unique_names = field_validator("corpora", "methods")(lambda values: values and unique(values))


class Heldout(Grid):
    """Topics of documents a method was not fitted to, beside those it was."""

    corpora: list[Name] | None = Field(None, min_length=1, description="Corpora with labels; null: all of them.")
    slm: Name | None = Field(None, description="Language model; null: all.")
    methods: list[Name] | None = Field(None, min_length=1, description="Some of methods; null: all of them.")
    share: float = Field(0.2, gt=0, le=0.5, description="Share of the documents kept from the methods.")
    split_seed: Seed = Field(0, description="Seed of their choice.")

    _unique_names = field_validator("corpora", "methods")(lambda values: values and unique(values))


class Experiments(Closed):
    """What is run. An experiment set to null is left out, and so are its tables and figures."""

    main: Grid | None = Field(Grid(), description="Tables 1, 2 and 7: every method on every corpus.")
    ablation: Ablation | None = Field(None, description="Table 3.")
    temperature: Temperature | None = Field(None, description="Figures 3 and 4.")
    prompts: Prompts | None = Field(None, description="Table 9.")
    vocabulary: VocabularySize | None = Field(None, description="Figure 5.")
    qualitative: Qualitative | None = Field(None, description="Table 4.")
    protocol: ProtocolSwitches | None = Field(None, description="results/protocol: which conclusions survive.")
    calibration: Calibration | None = Field(None, description="results/calibration: what each correction is worth.")
    backbones: Backbones | None = Field(None, description="The table backbones.")
    heldout: Heldout | None = Field(None, description="The table heldout.")
