"""What a class is to a test runner: a unittest case, a plain test class, or something else."""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope
from greenroom.project.testing.origins import Origins

_UNITTEST_ROOTS = (
    "unittest.", "django.test.", "rest_framework.test.", "twisted.trial.", "asynctest.", "aiounittest.",
    "tornado.testing.", "channels.testing.", "flask_testing.", "aiohttp.test_utils.", "testtools.",
    "django.contrib.staticfiles.testing.", "starlette_testing.", "asgiref.testing", "wagtail.test.",
    "absl.testing.", "fixtures.", "oslotest.", "test_plus.", "model_utils.", "parameterized.", "moto.",
    "airflow.", "pyfakefs.", "numpy.testing.", "torch.testing.", "django_webtest.", "webtest.", "snapshottest.",
    "graphene_django.utils.testing.", "flask_unittest.", "backend.common.tests.", "IPython.testing.",
)  # fmt: skip
_AWAITING_BASES = frozenset({
    "IsolatedAsyncioTestCase", "SimpleTestCase", "TestCase", "TransactionTestCase", "LiveServerTestCase",
    "StaticLiveServerTestCase", "APITestCase", "APISimpleTestCase", "APITransactionTestCase",
    "APILiveServerTestCase", "ChannelsLiveServerTestCase", "AsyncTestCase", "AioHTTPTestCase",
    "SynchronousTestCase", "GraphQLTestCase", "WebTest",
})  # fmt: skip
_PLAIN = ("unittest.TestCase", "unittest.case.TestCase", "unittest.FunctionTestCase", "testtools.TestCase",
          "flask_testing.TestCase", "flask_testing.LiveServerTestCase", "absl.testing.absltest.TestCase",
          "absl.testing.parameterized.TestCase", "snapshottest.TestCase", "unittest2.TestCase",
          "tornado.testing.AsyncTestCase", "tornado.testing.AsyncHTTPTestCase")  # fmt: skip
"""Bases that call a test method and drop what it returns."""
_ASSERTION = re.compile(r"self\.(assert[A-Z]\w+)")
"""As unittest, Django and what builds upon them spell it."""


def unittest_root(origins: Origins, owner: Scope) -> str:
    """The library class that makes this one a unittest case; empty for a plain class.

    `?` where a base is a library's or cannot be told, and its name says TestCase.
    """
    for base in origins.lineage(owner)[1]:
        name = base.rsplit(".", 1)[-1]
        if base.startswith(_UNITTEST_ROOTS) and ("TestCase" in name or name in _AWAITING_BASES):
            return base
        if name.endswith(("TestCase", "TestSuite")) or (name.endswith("Case") and "test" in base.lower()):
            return base
    for ancestor in origins.lineage(owner)[0]:
        for base in ancestor.facts.bases:
            if isinstance(base, str) and base.rsplit(".", 1)[-1].endswith("TestCase"):
                origin = origins.of(ancestor.parent or ancestor, base)
                if not origin or origins.scope(origin) is None:
                    return origin or "?"
    return _asserting_root(origins, owner)


def _asserting_root(origins: Origins, owner: Scope) -> str:
    """The library class from which a class has `self.assertEqual`, whatever its name (`smartmin.tests.SmartminTest`)."""
    ancestors, libraries = origins.lineage(owner)
    if not libraries:
        return ""
    methods = [child for ancestor in ancestors for child in ancestor.children if child.kind == "function"]
    own = {method.name for method in methods}
    for method in methods:
        for call in method.body.calls if method.name.startswith("test") else ():
            asserted = _ASSERTION.fullmatch(call.callee) if isinstance(call.callee, str) else None
            if asserted and asserted[1] not in own:
                return libraries[0]
    return ""


def awaits_methods(root: str) -> bool | None:
    """Whether a unittest base runs `async def` tests; None where nobody knows."""
    if root in _PLAIN:
        return False
    if root.startswith("unittest."):
        return root.rsplit(".", 1)[-1] == "IsolatedAsyncioTestCase"
    if root.rsplit(".", 1)[-1] in _AWAITING_BASES and root.startswith(_UNITTEST_ROOTS):
        return True
    return None


def runs_its_methods(origins: Origins, owner: Scope) -> bool:
    """Whether a case of the project runs its tests itself, and so may await them."""
    return any(
        child.name in ("run", "__call__", "_callTestMethod")
        for ancestor in origins.lineage(owner)[0]
        for child in ancestor.children
    )


def has_mixed_bases(origins: Origins, owner: Scope) -> bool:
    """Whether a library base beside the unittest one may do the awaiting."""
    others = [base for base in origins.lineage(owner)[1] if base not in _PLAIN]
    return any(base != "builtins.object" for base in others)


def has_foreign_base(origins: Origins, owner: Scope) -> bool:
    """Whether some base is not of the project (nor `object`)."""
    return bool(origins.lineage(owner)[1])


def constructor(origins: Origins, owner: Scope) -> Scope | None:
    """The `__init__` or `__new__` that keeps pytest from collecting a plain class, or None."""
    for ancestor in origins.lineage(owner)[0]:
        for child in ancestor.children:
            if child.name in ("__init__", "__new__") and child.kind == "function":
                return child
    return None


def is_false(expression: Expression) -> bool:
    """The literal `False`."""
    return bool(expression == (facts.CONSTANT, False))


def is_switched_off(origins: Origins, owner: Scope) -> bool:
    """`__test__ = False`, on the class itself (pytest asks the attribute, so bases count)."""
    for ancestor in origins.lineage(owner)[0]:
        for statement in ancestor.body.statements:
            if statement.kind == "assign" and "__test__" in statement.target:
                return is_false(statement.value)
            if statement.kind == "annotate" and statement.target == "__test__":
                return is_false(statement.value)
    return False
