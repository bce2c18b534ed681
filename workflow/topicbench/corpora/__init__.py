"""From source files to documents, vocabulary and bag of words."""
