"""Table 7: the main results at each number of topics, averaged over seeds."""

from topicbench.views._builders import MainTable
from topicbench.views.frame import MAIN_METRICS


class Table7(MainTable):
    """Table 1 for each K."""

    name = "table7"
    label = "Table 7"
    summary = "Table 1 at each number of topics, averaged over seeds."
    order = 7
    metrics = MAIN_METRICS
    opening = "Automatic evaluation on the top-{top_words} words for each number of topics."
    each_num_topics = True
