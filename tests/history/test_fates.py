from pathlib import Path

import pytest

from tests.history.repositories import Story, begin, fates, only

SHOP = '''
def price(basket, country):
    """What a basket costs."""
    return sum(line.amount for line in basket) * (1.2 if country == "UK" else 1.0)


def ship(order, carrier):
    """Hand an order to a carrier."""
    if not order.paid:
        raise ValueError("unpaid")
    return carrier.take(order)


def refund(order, gateway):
    """Give the money back."""
    return gateway.refund(order.payment, order.amount)
'''
HEAD = "import pytest\n\nfrom shop.orders import price, refund, ship\n\n\n"
PRICE = """def test_price_with_tax(basket):
    basket.add("pen", amount=10)
    basket.add("ink", amount=30)
    total = price(basket, country="UK")
    assert total == 48
    assert basket.total == total
"""
SHIP = """def test_ship_refuses_unpaid_orders(order, carrier):
    order.paid = False
    with pytest.raises(ValueError, match="unpaid"):
        ship(order, carrier)
    assert carrier.taken == []
"""
REFUND = """def test_refund_pays_back_the_whole_amount(order, gateway):
    order.amount = 25
    refund(order, gateway)
    assert gateway.paid_back == [(order.payment, 25)]
    assert order.open_amount == 0
"""


def suite_of(*tests: str) -> str:
    return HEAD + "\n\n".join(tests)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    told = begin(tmp_path)
    told.commit(
        "begin",
        {
            "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
            "shop/__init__.py": "",
            "shop/orders.py": SHOP,
            "tests/test_orders.py": suite_of(PRICE, SHIP, REFUND),
        },
    )
    return told


def test_nothing_deleted_is_said_and_not_graded(story: Story) -> None:
    story.commit("more", {"tests/test_more.py": "def test_more():\n    assert 1 + 1 == 2\n"})

    found = story.history(last=5)

    assert found.deletions == ()
    assert found.grade == ""


def test_a_test_that_only_went_is_lost_and_says_what_nobody_touches_any_more(story: Story) -> None:
    commit = story.commit("drop it", {"tests/test_orders.py": suite_of(PRICE, SHIP)})

    gone = only(story.history(last=5))

    assert (gone.symbol, gone.fate, gone.is_test) == ("test_refund_pays_back_the_whole_amount", "lost", True)
    assert (gone.path, gone.commit, gone.subject) == ("tests/test_orders.py", commit, "drop it")
    assert gone.uncovered == ("shop.orders.refund",)
    assert gone.area == "shop"


def test_moved_to_another_file(story: Story) -> None:
    story.commit(
        "sort",
        {"tests/test_orders.py": suite_of(PRICE, SHIP), "tests/test_refunds.py": suite_of(REFUND)},
    )

    gone = only(story.history(last=5))

    assert gone.fate == "moved"
    assert [place.path for place in gone.successors] == ["tests/test_refunds.py"]
    assert gone.similarity == 1.0


def test_renamed_and_edited_a_little(story: Story) -> None:
    edited = REFUND.replace("whole_amount", "full_amount").replace("25", "40")
    story.commit("words", {"tests/test_orders.py": suite_of(PRICE, SHIP, edited)})

    assert fates(story.history(last=5)) == {"test_refund_pays_back_the_whole_amount": "renamed"}


def test_merged_into_a_larger_one(story: Story) -> None:
    body = REFUND.split("\n", 1)[1]
    larger = (
        "def test_the_life_of_an_order(order, gateway, carrier):\n    order.paid = True\n    assert ship(order, carrier) is order\n"
        + body
    )
    story.commit("one", {"tests/test_orders.py": suite_of(PRICE, SHIP, larger)})

    gone = only(story.history(last=5))

    assert gone.fate == "merged"
    assert gone.successors[0].symbol == "test_the_life_of_an_order"


def test_split_into_several(story: Story) -> None:
    first = '    order.amount = 25\n    order.currency = "EUR"\n    refund(order, gateway)\n    assert gateway.paid_back == [(order.payment, 25)]\n'
    second = '    gateway.fail_next(ConnectionError("down"))\n    with pytest.raises(ConnectionError):\n        refund(order, gateway)\n    assert gateway.attempts == 1\n'
    whole = "def test_refund(order, gateway):\n" + first + second
    story.commit("whole", {"tests/test_refund.py": suite_of(whole)})
    halves = [
        "def test_pays_back(order, gateway):\n" + first,
        "def test_gateway_is_down(order, gateway):\n" + second,
    ]
    story.commit("halves", {"tests/test_refund.py": suite_of(*halves)})

    gone = only(story.history(last=1))

    assert gone.fate == "split"
    assert {place.symbol for place in gone.successors} == {"test_pays_back", "test_gateway_is_down"}


def test_replaced_by_a_test_of_the_same_behaviour(story: Story) -> None:
    other = """@pytest.mark.parametrize("amount", [1, 25, 999])
def test_refund_pays_back_amount(amount, make_order, recorded):
    bill = make_order(amount)
    assert refund(bill, recorded).sum == amount
"""
    story.commit("tables", {"tests/test_orders.py": suite_of(PRICE, SHIP, other)})

    gone = only(story.history(last=5))

    assert gone.fate == "replaced"
    assert gone.successors[0].symbol == "test_refund_pays_back_amount"


def test_retired_with_what_it_tested(story: Story) -> None:
    story.commit(
        "no refunds",
        {
            "tests/test_orders.py": suite_of(PRICE, SHIP).replace(", refund", ""),
            "shop/orders.py": SHOP.split("\n\ndef refund", maxsplit=1)[0] + "\n",
        },
    )

    gone = only(story.history(last=5))

    assert gone.fate == "retired"
    assert "shop.orders.refund" in gone.evidence


def test_a_successor_that_no_run_collects_is_no_replacement(story: Story) -> None:
    story.commit(
        "aside",
        {"tests/test_orders.py": suite_of(PRICE, SHIP), "checks/test_refunds.py": suite_of(REFUND)},
    )

    gone = only(story.history(last=5))

    assert gone.fate == "lost"
    assert "is no replacement" in gone.evidence
    assert gone.successors[0].path == "checks/test_refunds.py"


def test_a_successor_that_cannot_be_imported_is_no_replacement(story: Story) -> None:
    broken = "from shop.ledger import Ledger\n" + suite_of(REFUND)
    story.commit("aside", {"tests/test_orders.py": suite_of(PRICE, SHIP), "tests/test_refunds.py": broken})

    gone = only(story.history(last=5))

    assert gone.fate == "lost"
    assert "shop.ledger" in gone.evidence


def test_what_was_there_before_is_no_successor_because_it_is_similar(story: Story) -> None:
    twin = (
        REFUND.replace("pays_back_the_whole_amount", "of_a_gift_card")
        .replace("25", "7")
        .replace("order.open_amount == 0", "order.gift is None")
    )
    story.commit("twin", {"tests/test_gifts.py": suite_of(twin)})
    for number in range(31):
        story.commit(f"later {number}", {"shop/version.py": f"VERSION = {number}\n"})
    story.commit("drop it", {"tests/test_orders.py": suite_of(PRICE, SHIP)})

    assert fates(story.history(last=1)) != {"test_refund_pays_back_the_whole_amount": "renamed"}


def test_what_came_back_is_not_deleted(story: Story) -> None:
    story.commit("drop it", {"tests/test_orders.py": suite_of(PRICE, SHIP)})
    story.commit("bring it back", {"tests/test_orders.py": suite_of(PRICE, SHIP, REFUND)})

    assert story.history(last=5).deletions == ()


def test_what_only_a_branch_had_is_not_deleted(story: Story) -> None:
    story.git("checkout", "--quiet", "-b", "try")
    story.commit("try", {"tests/test_try.py": suite_of(REFUND.replace("test_refund", "test_try"))})
    story.commit("no", {"tests/test_try.py": None})
    story.git("checkout", "--quiet", "main")
    story.git("merge", "--quiet", "--no-ff", "--message", "merge", "try")

    assert story.history(last=5).deletions == ()


def test_a_helper_that_lost_tests_used_is_lost_with_them(story: Story) -> None:
    helper = "def pay(order, gateway):\n    order.paid = True\n    gateway.book(order.payment, order.amount)\n    return gateway\n"
    story.commit(
        "helper",
        {
            "tests/test_refund.py": suite_of(
                helper, REFUND.replace("refund(order, gateway)", "refund(order, pay(order, gateway))")
            )
        },
    )
    story.commit("drop all", {"tests/test_refund.py": None, "tests/test_orders.py": suite_of(PRICE, SHIP)})

    found = story.history(last=1)

    assert fates(found)["pay"] == "lost"
    assert found.files_deleted == ("tests/test_refund.py",)


def test_a_helper_that_nobody_used_is_retired(story: Story) -> None:
    helper = "def pay(order, gateway):\n    order.paid = True\n    gateway.book(order.payment, order.amount)\n    return gateway\n"
    story.commit("helper", {"tests/paying.py": helper})
    story.commit("drop it", {"tests/paying.py": None})

    assert fates(story.history(last=1)) == {"pay": "retired"}


def test_an_import_of_what_was_deleted_is_told(story: Story) -> None:
    story.commit(
        "helper", {"tests/__init__.py": "", "tests/paying.py": "def pay(order):\n    order.paid = True\n"}
    )
    story.commit(
        "use",
        {
            "tests/test_paid.py": "from tests.paying import pay\n\n\ndef test_paid(order):\n    pay(order)\n    assert order.paid\n"
        },
    )
    story.commit("drop it", {"tests/paying.py": None})

    assert [(place.path, place.line) for place in story.history(last=1).broken] == [("tests/test_paid.py", 1)]
