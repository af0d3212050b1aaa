"""A Django project whose tests run under pytest-django: each failure is tried on a database of its own."""

import pytest

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
