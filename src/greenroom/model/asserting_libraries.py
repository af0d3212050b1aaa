"""Libraries for tests that raise where something is not as expected, whatever they call it."""

ASSERTING_LIBRARIES = (
    "pytest.raises", "pytest.warns", "pytest.fail", "pytest.deprecated_call", "numpy.testing.", "pandas.testing.",
    "pandas._testing.", "hamcrest.", "sure.", "assertpy.", "playwright.sync_api.expect",
    "playwright.async_api.expect", "deepdiff.", "jsonschema.validate", "approvaltests.", "torch.testing.",
    "pytest.RaisesGroup", "pytest.RaisesExc", "trio.testing.RaisesGroup", "nose.tools.", "aws_cdk.assertions.", "expects.",
    "pytest_check.", "precisely.", "testfixtures.", "polars.testing.", "xarray.testing.", "geopandas.testing.",
    "pyspark.testing.", "chispa.",
)  # fmt: skip
"""What stands in them, by where it comes from."""
PLAIN_CHECKS = {
    "approvaltests": ("verify", "verify_all", "verify_as_json", "verify_file", "verify_xml"),
    "jsonschema": ("validate",),
    "nose.tools": ("eq_", "ok_"),
    "pytest_check": (
        "almost_equal", "between", "equal", "greater", "greater_equal", "is_", "is_false", "is_in", "is_instance", "is_nan",
        "is_none", "is_not", "is_not_in", "is_not_instance", "is_not_none", "is_true", "less", "less_equal", "not_equal",
    ),
    "testfixtures": ("compare",),
}  # fmt: skip
"""Of these, what does nothing but check by being called, under a name that no convention knows."""
