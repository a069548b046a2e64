"""How well a model does and what may be claimed: scores, intervals, comparisons."""
