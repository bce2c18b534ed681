"""Topics of your own corpus, without a benchmark."""
