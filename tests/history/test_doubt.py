"""Lost is said only where nothing speaks against it: what later judgings of real histories found wrong."""

from pathlib import Path

import pytest

from tests.history.repositories import Story, begin, fates, only
from tests.history.test_fates import PRICE, REFUND, SHIP, SHOP, suite_of

PROJECT = '[project]\nname = "shop"\nversion = "1"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
NAME = "test_refund_pays_back_the_whole_amount"
LEFT: dict[str, str | None] = {"tests/test_orders.py": suite_of(PRICE, SHIP)}


@pytest.fixture
def story(tmp_path: Path) -> Story:
    told = begin(tmp_path)
    told.commit(
        "begin",
        {
            "pyproject.toml": PROJECT,
            "shop/__init__.py": "",
            "shop/orders.py": SHOP,
            "tests/__init__.py": "",
            "tests/test_orders.py": suite_of(PRICE, SHIP, REFUND),
        },
    )
    return told


def test_lost_says_where_the_untested_thing_stands(story: Story) -> None:
    story.commit("drop it", LEFT)

    gone = only(story.history(last=1))

    assert gone.fate == "lost"
    assert gone.tested is not None
    assert (gone.tested.path, gone.tested.line, gone.tested.symbol) == ("shop/orders.py", 14, "refund")


def test_new_tests_about_the_same_in_the_same_file_leave_it_unclear(story: Story) -> None:
    other = "def test_money_comes_home(bank):\n    assert refund(bank.order, bank) is bank.receipt\n"
    story.commit("rework", {"tests/test_orders.py": suite_of(PRICE, SHIP, other)})

    gone = only(story.history(last=1))

    assert gone.fate == "unclear"
    assert "`test_money_comes_home`" in gone.evidence


def test_a_test_elsewhere_with_half_of_its_name_from_the_same_commit_replaces_it(story: Story) -> None:
    other = "def test_refund_pays_the_whole_sum(page):\n    page.click('Refund')\n    assert page.sum == 25\n"
    story.commit("rework", {**LEFT, "tests/test_pages.py": other})

    gone = only(story.history(last=1))

    assert (gone.fate, gone.successors[0].path) == ("replaced", "tests/test_pages.py")


def test_a_module_that_only_got_shorter_took_what_was_tested_with_it(story: Story) -> None:
    story.commit(
        "unpaid orders are shipped",
        {
            "shop/orders.py": SHOP.replace(
                '    if not order.paid:\n        raise ValueError("unpaid")\n', ""
            ),
            "tests/test_orders.py": suite_of(PRICE, REFUND),
        },
    )

    gone = only(story.history(last=1))

    assert gone.fate == "retired"
    assert "`shop/orders.py`" in gone.evidence


def test_that_tests_were_removed_says_nothing_of_the_product(story: Story) -> None:
    story.commit("Remove flaky refund tests", LEFT)

    assert fates(story.history(last=1)) == {NAME: "lost"}


def test_assertions_of_unittest_are_not_what_was_tested(story: Story) -> None:
    case = (
        "from unittest import TestCase\n\nfrom shop.orders import refund\n\n\nclass RefundTest(TestCase):\n"
        "    def test_refund_twice(self):\n        gateway = self.makeGateway()\n"
        "        refund(self.order, gateway)\n        refund(self.order, gateway)\n"
        "        self.assertEqual(len(gateway.paid), 2)\n        self.assertTrue(self.order.closed)\n"
    )
    story.commit("unittest", {"tests/test_twice.py": case, "tests/test_orders.py": suite_of(PRICE, SHIP)})
    story.commit("drop it", {"tests/test_twice.py": None})

    assert fates(story.history(last=1)) == {"RefundTest.test_refund_twice": "lost"}


def test_a_fixture_is_no_test_whatever_its_name(story: Story) -> None:
    fixture = "@pytest.fixture\ndef test_order(make_order):\n    return make_order(amount=25, paid=True)\n"
    story.commit("fixture", {"tests/test_orders.py": suite_of(fixture, PRICE, SHIP, REFUND)})
    story.commit("drop it", {"tests/test_orders.py": suite_of(PRICE, SHIP, REFUND)})

    gone = only(story.history(last=1))

    assert (gone.symbol, gone.is_test) == ("test_order", False)


def test_who_was_not_collected_before_is_no_worse_now(story: Story) -> None:
    story.commit("aside", {**LEFT, "checks/refunds.py": suite_of(REFUND)})
    renamed = REFUND.replace("pays_back_the_whole_amount", "pays_it_all_back")
    story.commit("rename", {"checks/refunds.py": None, "checks/refunding.py": suite_of(renamed)})

    found = {gone.path: gone.fate.value for gone in story.history(last=1).deletions}

    assert found.get("checks/refunds.py") != "lost"


def test_what_the_product_imports_too_is_there_where_it_runs(story: Story) -> None:
    story.commit("a module that a build makes", {"shop/version.py": "from shop.built import VERSION\n"})
    moved = "from shop.built import VERSION\n" + suite_of(REFUND)
    story.commit("move", {**LEFT, "tests/test_refunds.py": moved})

    assert fates(story.history(last=1)) == {NAME: "moved"}


def test_a_module_of_the_tests_is_what_they_import_although_the_product_has_one_of_that_name(
    story: Story,
) -> None:
    asked = "from fixtures import basket\n\n\ndef test_basket():\n    assert basket() == []\n    assert not basket()\n"
    story.commit(
        "fixtures",
        {
            "shop/fixtures.py": "def seed(database):\n    return database\n",
            "tests/fixtures.py": "def basket():\n    return []\n",
            "tests/test_basket.py": asked,
        },
    )
    story.commit("drop it", {"tests/test_basket.py": None})

    (gone,) = story.history(last=1).deletions

    assert gone.area == "tests"


def test_an_alias_of_the_product_is_there(story: Story) -> None:
    story.commit(
        "names for all",
        {
            "shop/api.py": "from shop.orders import refund as give_back\n",
            "tests/test_api.py": "from shop.api import give_back\n\n\ndef test_give_back_all(order, gateway):\n"
            "    give_back(order, gateway)\n    assert gateway.paid_back == [order.payment]\n    assert order.closed\n",
        },
    )
    story.commit("drop it", {"tests/test_api.py": None})

    assert fates(story.history(last=1))["test_give_back_all"] == "lost"
