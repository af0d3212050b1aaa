"""What outlives a run: the baseline, and the store of runs, evidence, findings and scores.

Importing this package, `location` or `errors` loads no database library; `store.open_store` does.
"""
