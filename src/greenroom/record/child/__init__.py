"""A folder for the path of Python: its `sitecustomize` joins a run. It is never imported as a package."""
