"""Which definition an imported name leads to."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from greenroom.project.calls.symbols import Definition, Symbols
from tests.project.calls.projects import read


def lead(root: Path, files: Mapping[str, str], importer: str = "main.py") -> dict[str, str]:
    """Per imported name of a file: where it is defined."""
    project = read(root, files)
    module = project.modules[importer]
    found = {}
    for part in module.imports:
        name = part.alias or part.module
        found[name] = " | ".join(told(one) for one in project.symbols.follow(module, part))
    return found


def told(found: Definition) -> str:
    if found.kind == "library":
        return found.symbol
    if found.kind == "scope" and found.scope is not None:
        return f"{found.scope.path}::{found.scope.qualname}"
    if found.kind == "module" and found.module is not None:
        return found.module.path
    where = found.module.path if found.module is not None else ""
    return f"{found.kind} {where}::{found.symbol}"


def test_functions_classes_variables_and_modules(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "shop/__init__.py": "",
        "shop/orders.py": "LIMIT = 3\ndef place(): pass\nclass Order: pass\n",
        "main.py": "from shop.orders import LIMIT, Order, place as put\nfrom shop import orders\nimport shop.orders as o\n"
        "import os.path\nfrom requests import get\n",
    }) == {
        "LIMIT": "variable shop/orders.py::LIMIT",
        "Order": "shop/orders.py::Order",
        "put": "shop/orders.py::place",
        "orders": "shop/orders.py",
        "o": "shop/orders.py",
        "os": "os",
        "os.path": "os.path",
        "get": "requests.get",
    }  # fmt: skip


def test_relative_imports(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "shop/__init__.py": "from . import orders\nNAME = 1\n",
        "shop/orders.py": "class Order: pass\n",
        "shop/web/__init__.py": "",
        "shop/web/views.py": "from ..orders import Order\nfrom .. import NAME, orders\nfrom . import forms\nfrom .forms import Form\n"
        "from .gone import x\nfrom ....above import y\n",
        "shop/web/forms.py": "class Form: pass\n",
    }, "shop/web/views.py") == {
        "Order": "shop/orders.py::Order",
        "NAME": "variable shop/__init__.py::NAME",
        "orders": "shop/orders.py",
        "forms": "shop/web/forms.py",
        "Form": "shop/web/forms.py::Form",
        "x": "missing ::.gone.x",
        "y": "missing ::....above.y",
    }  # fmt: skip


def test_a_package_that_imports_its_own_part(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "from . import orders\n",
        "shop/orders.py": "",
        "main.py": "from shop import orders\n",
    }

    assert lead(tmp_path, files) == {"orders": "shop/orders.py"}
    assert lead(tmp_path, files, "shop/__init__.py") == {"orders": "shop/orders.py"}


def test_chains_of_re_exports(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "shop/__init__.py": "from .api import Order\n",
        "shop/api.py": "from shop.model import Order, Gone\n",
        "shop/model.py": "from shop.base import *\n",
        "shop/base.py": "class Order: pass\nclass _Own: pass\n",
        "main.py": "from shop import Order\nfrom shop.api import Gone\nfrom shop.model import _Own\n",
    }) == {
        "Order": "shop/base.py::Order",
        "Gone": "missing shop/model.py::Gone",
        "_Own": "missing shop/model.py::_Own",
    }  # fmt: skip


def test_star_imports_give_what_is_exported(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "a.py": "from b import *\nfrom c import *\n",
        "b.py": "__all__ = ['one']\ndef one(): pass\ndef two(): pass\n",
        "c.py": "__all__ = names()\ndef three(): pass\n",
        "main.py": "from a import one, two, three\n",
    }) == {"one": "b.py::one", "two": "missing a.py::two", "three": "c.py::three"}  # fmt: skip


def test_a_part_that_names_the_package_for_type_checkers(tmp_path: Path) -> None:
    part = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop import Order\nclass Line: pass\n"
    )

    assert lead(tmp_path, {
        "shop/__init__.py": "from .line import *\nfrom .order import *\n",
        "shop/line.py": part,
        "shop/order.py": "class Order: pass\n",
        "main.py": "from shop import Order\n",
    }) == {"Order": "shop/order.py::Order"}  # fmt: skip


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "from b import x\n", "b.py": "from a import x\n"},
        {"a.py": "from b import *\n", "b.py": "from a import *\n"},
        {"a.py": "from a import x\n"},
        {"a/__init__.py": "from a import x\n"},
    ],
)
def test_circles_end(files: dict[str, str], tmp_path: Path) -> None:
    found = lead(tmp_path, {**files, "main.py": "from a import x\n"})["x"]

    assert found.startswith("missing")


def test_circles_that_resolve(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "a.py": "from b import *\ndef x(): pass\n",
        "b.py": "from a import *\ndef y(): pass\n",
        "main.py": "from a import x, y\nfrom b import x as z\n",
    }) == {"x": "a.py::x", "y": "b.py::y", "z": "a.py::x"}  # fmt: skip


def test_folders_without_init(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "shop/web/views.py": "def index(): pass\n",
        "main.py": "from shop.web import views\nfrom shop.web.views import index\nimport shop.web.views as v\n",
    }) == {"views": "shop/web/views.py", "index": "shop/web/views.py::index", "v": "shop/web/views.py"}  # fmt: skip


def test_a_declared_library_wins_over_a_folder_of_its_name(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "requirements.txt": "alembic\n",
        "tools/alembic/env.py": "x = 1\n",
        "tools/redis.py": "x = 1\n",
        "main.py": "from alembic import env\nimport redis\n",
    }) == {"env": "alembic.env", "redis": "redis"}  # fmt: skip


@pytest.mark.parametrize(
    "way_in", ["from routes.redis import ask", "from routes import redis", "import app.routes.redis"]
)
def test_a_file_of_a_package_without_init_that_bears_a_library_s_name(way_in: str, tmp_path: Path) -> None:
    files = {
        "app/routes/redis.py": "from redis import Redis\nimport redis\ndef ask(): pass\n",
        "main.py": f"{way_in}\n",
    }

    assert lead(tmp_path, files, "app/routes/redis.py") == {"Redis": "redis.Redis", "redis": "redis"}


def test_the_standard_library_wins_over_a_file_inside_a_package(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "shop/__init__.py": "",
        "shop/logging.py": "",
        "shop/main.py": "import logging\nfrom . import logging as own\n",
    }, "shop/main.py") == {"logging": "logging", "own": "shop/logging.py"}  # fmt: skip


def test_the_source_root_decides(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "pyproject.toml": "[project]\nname = 'shop'\n[tool.setuptools.package-dir]\n'' = 'src'\n",
        "src/shop/__init__.py": "",
        "src/shop/orders.py": "def place(): pass\n",
        "docs/shop/orders.py": "def sample(): pass\n",
        "src/shop/main.py": "from shop.orders import place\n",
    }, "src/shop/main.py") == {"place": "src/shop/orders.py::place"}  # fmt: skip


def test_beside_the_script_that_is_run(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "jobs/nightly/run.py": "from steps import clean\n",
        "jobs/nightly/steps.py": "def clean(): pass\n",
        "jobs/weekly/steps.py": "def clean(): pass\n",
    }, "jobs/nightly/run.py") == {"clean": "jobs/nightly/steps.py::clean"}  # fmt: skip


def test_bound_twice_under_a_condition(tmp_path: Path) -> None:
    found = lead(tmp_path, {
        "compat.py": "try:\n    from orjson import loads\nexcept ImportError:\n    from json import loads\n",
        "main.py": "from compat import loads\n",
    })  # fmt: skip

    assert found == {"loads": "orjson.loads | json.loads"}


@pytest.mark.parametrize(
    "text",
    [
        "x = 1", "x: int = 1", "(x, y) = 1, 2", "[*x] = ()", "for x in (): pass", "with open('a') as x: pass",
        "def x(): pass", "class x: pass", "import os as x", "if (x := 1): pass", "if a:\n    x = 1",
        "def f():\n    global x\n    x = 1", "match 1:\n    case x: pass", "try:\n    pass\nexcept KeyError as x: pass",
    ],
)  # fmt: skip
def test_every_way_to_bind_a_name(text: str, tmp_path: Path) -> None:
    assert "missing" not in lead(tmp_path, {"a.py": f"{text}\n", "main.py": "from a import x\n"})["x"]


def test_canonical_names(tmp_path: Path) -> None:
    project = read(tmp_path, {
        "main.py": "import numpy as np\nfrom shop import orders\nimport shop\n",
        "shop/__init__.py": "", "shop/orders.py": "class Order: pass\n",
    })  # fmt: skip
    module = project.modules["main.py"]

    assert project.symbols.dotted(module, "np.load") == "numpy.load"
    assert project.symbols.dotted(module, "orders.Order") == "shop.orders:Order"
    assert project.symbols.dotted(module, "unknown.name") == ""


def test_a_root_that_is_a_package_itself(tmp_path: Path) -> None:
    assert lead(tmp_path, {
        "__init__.py": "",
        "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = 'server'\n",
        "server/app.py": "def run(): pass\n",
        "main.py": "from server.app import run\n",
    }) == {"run": "server/app.py::run"}  # fmt: skip


def test_source_roots_of_one_length_have_the_same_order_in_each_process() -> None:
    """What an earlier run resolved is taken over only where they stand as they stood then."""
    roots = ("ab", "b", "aa", "ac", ".")
    assert Symbols({}, roots, ()).roots == ["aa", "ab", "ac", "b", ""]
    assert Symbols({}, reversed(roots), ()).roots == ["aa", "ab", "ac", "b", ""]
