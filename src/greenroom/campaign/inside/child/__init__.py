"""A folder for the path of Python: its `sitecustomize` takes part in a campaign. It is never imported as a package."""
