"""Table 1: every method on every corpus, averaged over K and seeds."""

from topicbench.views._builders import MainTable
from topicbench.views.frame import MAIN_METRICS


class Table1(MainTable):
    """Coherence, rating, diversity and purity."""

    name = "table1"
    label = "Table 1"
    summary = "Coherence, rating, diversity and purity of every method on every corpus, averaged over K and seeds."
    order = 1
    metrics = MAIN_METRICS
    opening = "Automatic evaluation on the top-{top_words} words."
