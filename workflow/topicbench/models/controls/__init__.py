"""Controls: what a metric gives where nothing, or everything, is known of the documents.

They are no methods (a method never sees labels, and is fitted), but their runs look the same and are scored the same.
"""

from __future__ import annotations

from typing import Literal, get_args

Control = Literal["random-topics", "shuffled-documents", "label-oracle"]
"""Topics and assignment by chance; topics of a method, assignment by chance; topics and assignment by the labels."""

CONTROLS: tuple[Control, ...] = get_args(Control)

MEANINGS: dict[Control, str] = {
    "random-topics": "words and documents assigned to topics at random",
    "shuffled-documents": "the topics of {method}, its θ dealt to the documents at random",
    "label-oracle": "one topic per label whatever K, θ the document’s label, words by class-based tf-idf",
}
"""What each is, for captions."""
