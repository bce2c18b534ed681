"""What methods read beside the bag of words: soft labels, hidden states, embeddings, word vectors."""
