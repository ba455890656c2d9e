"""What is known about models without running one: cards, weights on disk, licences.

Nothing here imports a model library. Weights are read as bytes, within limits, and never executed.
"""
