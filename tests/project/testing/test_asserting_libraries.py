"""Libraries that assert under names of their own."""

import pytest

from tests.conftest import RunGreenroom, WriteProject

LIBRARIES = {
    "nose": ("from nose.tools import ok_", "ok_(total([1]))"),
    "nose, by its module": ("import nose.tools as nt", "nt.eq_(total([1]), 1)"),
    "expects": ("from expects import equal, expect", "expect(total([1])).to(equal(1))"),
    "pytest_check": ("import pytest_check as check", "check.equal(total([1]), 1)"),
    "aws_cdk": ("from aws_cdk.assertions import Template", "Template.from_stack(total([])).resource_count_is('A', 1)"),
    "aws_cdk, in two steps": (
        "from aws_cdk import assertions",
        "made = assertions.Template.from_stack(total([]))\n    made.has_resource_properties('A', {})",
    ),
    "polars": ("from polars.testing import assert_frame_equal as same", "same(total([]), total([]))"),
    "testfixtures": ("from testfixtures import compare", "compare(total([1]), expected=1)"),
}  # fmt: skip


def findings(line: str, check: str, write_project: WriteProject, greenroom: RunGreenroom) -> int:
    root = write_project({
        "shop.py": "def total(prices):\n    return sum(prices)\n",
        "test_shop.py": f"{line}\nfrom shop import total\n\n\ndef test_total():\n    {check}\n",
    })  # fmt: skip
    said = greenroom("audit", root, "--select", "TST001", "--possible", "--output-format", "concise")
    return said.out.count("test_shop.py:")


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_asserts_is_a_check(
    library: str, write_project: WriteProject, greenroom: RunGreenroom
) -> None:
    assert findings(*LIBRARIES[library], write_project, greenroom) == 0


def test_what_another_does_is_none(write_project: WriteProject, greenroom: RunGreenroom) -> None:
    assert findings("from nosy import ok_", "ok_(total([1]))", write_project, greenroom) == 1
