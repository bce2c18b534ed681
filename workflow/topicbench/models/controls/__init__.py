"""Controls: models that bound what a metric can give, since they know nothing of the documents, or everything."""
