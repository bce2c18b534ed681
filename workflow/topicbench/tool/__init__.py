"""What needs no configuration: topics of a corpus, the same model on new texts, scores of topics from anywhere."""
