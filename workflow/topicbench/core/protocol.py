"""The protocol: where the paper, its code and fairness part ways, each point a switch of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from topicbench.core.sections import Closed

PRESETS: Mapping[str, Mapping[str, str]] = {
    "paper": {
        "duplicates": "keep",
        "encoder_text": "bag_of_words",
        "documents": "by_method",
        "nll_target": "raw_logits",
        "correction": "none",
    },
    "corrected": {
        "duplicates": "drop",
        "encoder_text": "raw",
        "documents": "same",
        "nll_target": "softmax",
        "correction": "holm",
    },
}

SWITCHES = tuple(PRESETS["paper"])


class Protocol(Closed):
    """`paper`, `corrected`, or a section: one of them as base, and switches that differ from it."""

    base: Literal["paper", "corrected"] = Field("paper", description="Gives every switch that is left out.")
    duplicates: Literal["keep", "drop"] = Field(
        "keep", description="Documents with the text of an earlier one; corrected: drop, before anything else is done."
    )
    encoder_text: Literal["bag_of_words", "raw"] = Field(
        "bag_of_words",
        description="What the sentence encoder sees: a document's vocabulary words, or its text as the language model "
        "does; corrected: raw.",
    )
    documents: Literal["by_method", "same"] = Field(
        "by_method",
        description="Documents without a vocabulary word: kept for methods that do not read the bag of words, or left "
        "out for all; corrected: same.",
    )
    nll_target: Literal["raw_logits", "softmax"] = Field(
        "raw_logits", description="What the NLL ablation weights log p by; corrected: softmax."
    )
    correction: Literal["none", "holm"] = Field(
        "none", description="Of p-values for multiple comparisons within a corpus and metric; corrected: holm."
    )

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, value: Any) -> Any:
        value = {"base": value} if isinstance(value, str) else value
        preset = PRESETS.get(value.get("base", "paper"), {}) if isinstance(value, dict) else {}
        return {**preset, **value} if preset else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "enum": [*PRESETS]}, handler(schema)]}

    @property
    def name(self) -> str:
        """``paper``, ``corrected``, or the base and the switches that differ from it."""
        values = {switch: getattr(self, switch) for switch in SWITCHES}
        for name, preset in PRESETS.items():
            if values == preset:
                return name
        changed = [f"{switch}: {value}" for switch, value in values.items() if value != PRESETS[self.base][switch]]
        return f"{self.base} with {', '.join(changed)}"

    def corrected(self, switches: tuple[str, ...]) -> Protocol:
        """This protocol with ``switches`` as in ``corrected``."""
        return self.model_copy(update={switch: PRESETS["corrected"][switch] for switch in switches})
