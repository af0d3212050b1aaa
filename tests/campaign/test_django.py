"""A Django project whose tests run under pytest-django: each failure is tried on a database of its own."""

import sys
from pathlib import Path

import pytest

from greenroom.campaign.django_suite import is_of_django, known_to_django
from greenroom.campaign.errors import NotCollectedError
from tests.campaign.conftest import Proved, ProveProject

SETTINGS = """
SECRET_KEY = "for tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "site_urls"
USE_TZ = True
"""
VIEWS = """
from django.contrib.auth.models import Group
from django.http import JsonResponse


def create(request):
    Group.objects.create(name=request.GET["name"])  # mutant: pass
    return JsonResponse({"created": True}, status=201)  # mutant: return JsonResponse({"created": True})


def names(request):
    found = Group.objects.order_by("name")  # mutant: found = Group.objects.order_by("-name")
    return JsonResponse({"names": [group.name for group in found]})
"""
URLS = """
from django.urls import path

from shop import views

urlpatterns = [
    path("create", views.create),
    path("names", views.names),  # mutant: # gone
]
"""
TESTS = """
import pytest
from django.test import TestCase


@pytest.mark.django_db
def test_create(client):
    assert client.get("/create?name=a").json() == {"created": True}
    assert client.get("/names").json() == {"names": ["a"]}


class TestStatus(TestCase):
    def test_status(self):
        assert self.client.get("/create?name=b").status_code == 201
"""


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    files = {
        "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = site_settings\npythonpath = .\n",
        "site_settings.py": SETTINGS,
        "site_urls.py": URLS,
        "shop/__init__.py": "",
        "shop/views.py": VIEWS,
        "tests/test_shop.py": TESTS,
    }
    return prove_project(files, "-p", "no:asyncio", workers=2)


def test_views_queries_and_routes(proved: Proved) -> None:
    assert proved.verdicts() == {
        'Group.objects.create(name=request.GET["name"])': "caught",
        'return JsonResponse({"created": True}, status=201)': "caught",
        'found = Group.objects.order_by("name")': "escaped",
        'path("names", views.names),': "caught",
    }
    assert proved['return JsonResponse({"created": True}, status=201)'].by.endswith("TestStatus::test_status")


def test_the_campaign_can_be_believed(proved: Proved) -> None:
    assert proved.proof.doubt == ""
    assert (proved.proof.suite.failed, proved.proof.suite.voting) == ((), 2)


MANAGE = """
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
OWN = {
    "manage.py": MANAGE,
    "site_settings.py": SETTINGS,
    "site_urls.py": URLS,
    "shop/__init__.py": "",
    "shop/views.py": VIEWS,
    "other-shop/tests.py": "from elsewhere import nothing\n",
    "shop/tests.py": "from django.test import TestCase\n"
    + TESTS.partition("\n\n\n")[2].partition("\n\n\n")[2],
}


def test_what_django_itself_would_run(prove_project: ProveProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    proved = prove_project(OWN, "-p", "no:asyncio", workers=1)
    assert proved.proof.suite.voting == 1
    assert str(proved['return JsonResponse({"created": True}, status=201)'].verdict) == "caught"
    assert (
        "tests are taken as `manage.py test` takes them: pytest was given -o python_files=test*.py --ds=site_settings shop"
        in proved.proof.notices
    )


def test_what_django_would_run_where_pytest_is_configured(prove_project: ProveProject) -> None:
    with pytest.raises(NotCollectedError, match=r"finds no test.*those of `manage\.py test` are taken where"):
        prove_project({**OWN, "pytest.ini": "[pytest]\n"}, "-p", "no:asyncio", workers=1)


@pytest.mark.parametrize(
    ("arguments", "of_environment", "given"),
    [
        ((), "", ("-o", "python_files=test*.py", "--ds=site_settings", "shop", "tests.py")),
        (("-x", "shop"), "", ("-o", "python_files=test*.py", "--ds=site_settings")),
        (("tests.py::test_a",), "", ("-o", "python_files=test*.py", "--ds=site_settings")),
        ((), "other", ("-o", "python_files=test*.py", "shop", "tests.py")),
        (("--ds=other",), "", ()),
        (("-o", "python_files=check_*.py"), "", ()),
        (("-c", "other.ini"), "", ()),
    ],
)
def test_pytest_is_told_what_nobody_has_told_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    of_environment: str,
    given: tuple[str, ...],
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    if of_environment:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", of_environment)
    for name in ("manage.py", "shop/__init__.py", "loose/part.py", "tests.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(MANAGE)
    assert known_to_django(tmp_path, sys.executable, arguments) == given


def test_nothing_is_told_without_the_plugin_or_the_project(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    assert known_to_django(tmp_path, sys.executable, ()) == ()
    assert not is_of_django(tmp_path)
    (tmp_path / "manage.py").write_text(MANAGE)
    assert known_to_django(tmp_path, str(tmp_path / "python"), ()) == ()
    assert known_to_django(tmp_path, str(tmp_path / "nobody"), ()) == ()
    assert is_of_django(tmp_path)
