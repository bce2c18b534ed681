"""The LLM rating: a judge rates each topic's words on a scale of 1 to 3 (section 4.1 and Table 6 of the paper)."""
