# The tables and figures of the paper.


def paper_outputs(settings):
    return []
