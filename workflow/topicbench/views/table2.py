"""Table 2: retrieval of documents of the same class by topic distribution, averaged over K and seeds."""

from topicbench.views._builders import MainTable
from topicbench.views.frame import RETRIEVAL_METRICS


class Table2(MainTable):
    """Retrieval."""

    name = "table2"
    label = "Table 2"
    summary = "Retrieval of documents of the same class by their topic distributions, averaged over K and seeds."
    order = 2
    metrics = RETRIEVAL_METRICS
    opening = "Retrieval evaluation."
    wide = False
