"""What the first judging of real histories found wrong, class by class."""

from pathlib import Path

import pytest

from tests.history.repositories import Story, begin, fates, only
from tests.history.test_fates import HEAD, PRICE, REFUND, SHIP, SHOP, suite_of

PROJECT = '[project]\nname = "shop"\nversion = "1"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'


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


def test_moved_and_later_deleted_is_one_deletion_of_the_later_commit(story: Story) -> None:
    story.commit(
        "sort",
        {"tests/test_orders.py": suite_of(PRICE, SHIP), "tests/money/test_refunds.py": suite_of(REFUND)},
    )
    last = story.commit("drop it", {"tests/money/test_refunds.py": None})

    gone = only(story.history(last=5))

    assert (gone.path, gone.commit, gone.fate) == ("tests/money/test_refunds.py", last, "lost")


def test_renamed_twice_lives_on_once(story: Story) -> None:
    for name in ("test_refund_in_full", "test_money_back"):
        story.commit(
            name,
            {
                "tests/test_orders.py": suite_of(
                    PRICE, SHIP, REFUND.replace("test_refund_pays_back_the_whole_amount", name)
                )
            },
        )

    assert fates(story.history(last=5)) == {"test_refund_in_full": "renamed"}


def test_a_sibling_that_was_there_before_is_no_successor(story: Story) -> None:
    twin = REFUND.replace("pays_back_the_whole_amount", "pays_back_the_tip").replace("25", "7")
    story.commit("twin", {"tests/test_orders.py": suite_of(PRICE, SHIP, REFUND, twin)})
    story.commit("drop it", {"tests/test_orders.py": suite_of(PRICE, SHIP, twin)})

    assert fates(story.history(last=1)) == {"test_refund_pays_back_the_whole_amount": "lost"}


def test_rewritten_under_the_same_name_elsewhere(story: Story) -> None:
    anew = (
        "def test_refund_pays_back_the_whole_amount(page, shop_url):\n    page.goto(shop_url)\n"
        '    page.click("text=Refund")\n    assert page.inner_text(".amount") == "25"\n'
    )
    story.commit(
        "browser",
        {"tests/test_orders.py": suite_of(PRICE, SHIP), "tests/browser/test_refund.py": suite_of(anew)},
    )

    gone = only(story.history(last=1))

    assert gone.fate == "replaced"
    assert gone.successors[0].path == "tests/browser/test_refund.py"


def test_opposite_names_are_the_same_test_where_one_comes_as_the_other_goes(story: Story) -> None:
    raising = REFUND.replace("pays_back_the_whole_amount", "raises_without_the_whole_amount").replace(
        "    assert order.open_amount == 0\n", "    assert gateway.errors == 1\n"
    )
    story.commit("raise", {"tests/test_orders.py": suite_of(PRICE, SHIP, raising)})

    gone = only(story.history(last=1))

    assert gone.successors[0].symbol == "test_refund_raises_without_the_whole_amount"


def test_written_out_tests_become_cases_of_one(story: Story) -> None:
    two = [
        f"def test_refund_of_{amount}(order, gateway):\n    order.amount = {amount}\n    refund(order, gateway)\n"
        f"    assert gateway.paid_back == [(order.payment, {amount})]\n"
        for amount in (5, 80)
    ]
    story.commit("two", {"tests/test_refund.py": suite_of(*two)})
    cases = (
        '@pytest.mark.parametrize("amount", [5, 80])\ndef test_refund_of_an_amount(order, gateway, amount):\n'
        "    order.amount = amount\n    refund(order, gateway)\n    assert gateway.paid_back == [(order.payment, amount)]\n"
    )
    story.commit("cases", {"tests/test_refund.py": suite_of(cases)})

    found = story.history(last=1)

    assert set(fates(found).values()) <= {"renamed", "merged"}
    assert {gone.successors[0].symbol for gone in found.deletions} == {"test_refund_of_an_amount"}


def test_a_test_becomes_a_case_of_one_that_was_there(story: Story) -> None:
    first = "def test_ship(order, carrier, country):\n    order.paid = True\n    order.country = country\n    assert ship(order, carrier)\n    assert carrier.taken == [order]\n"
    german = first.replace(
        "test_ship(order, carrier, country)", "test_ship_to_germany(order, carrier)"
    ).replace("= country", '= "Germany"')
    british = first.replace(
        "test_ship(order, carrier, country)", "test_ship_to_britain(order, carrier)"
    ).replace("= country", '= "Britain"')
    story.commit("two", {"tests/test_ship.py": suite_of(german, british)})
    cases = '@pytest.mark.parametrize("country", ["Germany", "Britain"])\n' + first.replace(
        "test_ship(", "test_ship_to_germany("
    )
    story.commit("cases", {"tests/test_ship.py": suite_of(cases)})

    assert fates(story.history(last=1)) == {"test_ship_to_britain": "merged"}


def test_a_class_of_tests_gets_another_name(story: Story) -> None:
    body = "".join("    " + line + "\n" for line in REFUND.replace("(order", "(self, order").splitlines())
    story.commit("class", {"tests/test_case.py": HEAD + "class TestRefund:\n" + body})
    story.commit("name", {"tests/test_case.py": HEAD + "class TestPayBack:\n" + body})

    gone = only(story.history(last=1))

    assert (gone.fate, gone.successors[0].symbol) == (
        "moved",
        "TestPayBack.test_refund_pays_back_the_whole_amount",
    )


def test_unittest_and_tests_py_of_a_django_app(story: Story) -> None:
    story.commit("Django", {"pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n'})
    case = (
        "from unittest import TestCase\n\nfrom shop.orders import refund\n\n\nclass RefundTestCase(TestCase):\n"
        "    def test_pays_back(self):\n        refund(self.order, self.gateway)\n        self.assertEqual(self.gateway.paid_back, 25)\n"
    )
    story.commit("app", {"shop/tests.py": case})
    story.commit(
        "package", {"shop/tests.py": None, "shop/tests/__init__.py": "", "shop/tests/test_refund.py": case}
    )

    gone = only(story.history(last=1))

    assert (gone.fate, gone.successors[0].path) == ("moved", "shop/tests/test_refund.py")


def test_a_method_that_the_commit_took_from_the_product_retires_its_test(story: Story) -> None:
    service = "class Till:\n    def open(self):\n        return 1\n\n    def close(self):\n        return 2\n"
    test = "from shop.till import Till\n\n\ndef test_close(drawer):\n    till = Till()\n    assert till.close() == 2\n    assert drawer.is_shut\n"
    other = "from shop.till import Till\n\n\ndef test_open():\n    assert Till().open() == 1\n"
    story.commit("till", {"shop/till.py": service, "tests/test_close.py": test, "tests/test_open.py": other})
    story.commit(
        "no closing",
        {"shop/till.py": service.split("\n    def close", maxsplit=1)[0], "tests/test_close.py": None},
    )

    gone = only(story.history(last=1))

    assert gone.fate == "retired"
    assert "`close`" in gone.evidence


def test_a_method_that_only_moved_does_not_retire_its_test(story: Story) -> None:
    till = "class Till:\n    def close(self):\n        return 2\n"
    test = "from shop.till import Till\n\n\ndef test_close(drawer):\n    till = Till()\n    assert till.close() == 2\n    assert drawer.is_shut\n"
    story.commit("till", {"shop/till.py": till, "tests/test_close.py": test})
    story.commit(
        "desk",
        {
            "shop/till.py": "class Till:\n    pass\n",
            "shop/desk.py": till.replace("Till", "Desk"),
            "tests/test_close.py": None,
        },
    )

    assert fates(story.history(last=1)) == {"test_close": "lost"}


def test_a_commit_that_removes_something_says_what_it_retires(story: Story) -> None:
    pay = "def pay(order, voucher=None):\n    return order.amount - (voucher or 0)\n"
    test = (
        "from shop.pay import pay\n\n\ndef test_voucher(order):\n    order.amount = 30\n"
        "    assert pay(order, 10) == 20\n    assert order.amount == 30\n"
    )
    plain = "from shop.pay import pay\n\n\ndef test_pay(order):\n    assert pay(order) == order.amount\n"
    story.commit("pay", {"shop/pay.py": pay, "tests/test_voucher.py": test, "tests/test_pay.py": plain})
    story.commit(
        "Remove vouchers",
        {"shop/pay.py": "def pay(order):\n    return order.amount\n", "tests/test_voucher.py": None},
    )

    gone = only(story.history(last=1))

    assert gone.fate == "retired"
    assert "“Remove vouchers”" in gone.evidence


def test_an_empty_test_is_no_loss(story: Story) -> None:
    story.commit("later", {"tests/test_later.py": 'def test_returns():\n    """Later."""\n    pass\n'})
    story.commit("drop it", {"tests/test_later.py": None})

    assert fates(story.history(last=1)) == {"test_returns": "retired"}


def test_a_module_of_tests_is_no_product(story: Story) -> None:
    story.commit(
        "helpers",
        {
            "shop/tests/__init__.py": "",
            "shop/tests/pages.py": "def get_page(name):\n    return name\n",
            "shop/tests/test_page.py": "from shop.tests.pages import get_page\n\n\ndef test_metrics():\n    page = get_page('metrics')\n    assert page == 'metrics'\n",
        },
    )
    story.commit("drop it", {"shop/tests/test_page.py": None})

    assert fates(story.history(last=1)) == {"test_metrics": "lost"}


def test_a_fixture_moves_with_its_conftest(story: Story) -> None:
    fixture = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef quiet():\n    pass\n"
    story.commit("fixtures", {"tests/a/conftest.py": fixture, "tests/b/conftest.py": fixture})
    story.commit("sub-folder", {"tests/a/conftest.py": None, "tests/a/a/conftest.py": fixture})

    gone = only(story.history(last=1))

    assert (gone.fate, gone.successors[0].path) == ("moved", "tests/a/a/conftest.py")


def test_what_was_always_skipped_is_not_lost_because_it_moved(story: Story) -> None:
    skipped = "@pytest.mark.skip(reason='slow')\n" + REFUND
    story.commit("skip", {"tests/test_orders.py": suite_of(PRICE, SHIP, skipped)})
    story.commit(
        "sort", {"tests/test_orders.py": suite_of(PRICE), "tests/test_refunds.py": suite_of(SHIP, skipped)}
    )

    assert set(fates(story.history(last=1)).values()) == {"moved"}
