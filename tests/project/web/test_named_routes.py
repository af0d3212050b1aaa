"""Requests whose address is asked for by name, against what the frameworks themselves make of the name."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.project.web.reading import read

DJANGO = {
    "manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'site_.settings'\n",
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\nSECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\nINSTALLED_APPS = []\n",
    "site_/views.py": "from django.http import HttpResponse\n\n\ndef plain(request, **given):\n    return HttpResponse('')\n",
    "site_/urls.py": """
        from django.urls import include, path, re_path
        from site_.views import plain

        urlpatterns = [
            path("", plain, name="home"),
            path("index/", plain, name="index"),
            path("plain/", plain),
            re_path(r"^about/$", plain, {}, "site.about"),
            path("old/", plain, name="twice"),
            path("new/", plain, name="twice"),
            path("notes/", plain, name="notes"),
            path("notes/<int:pk>/", plain, name="notes"),
            path("polls/", include("polls.urls")),
            path("votes/", include("polls.urls", namespace="votes")),
            path("shop/", include("shop.urls")),
        ]
        """,
    "polls/__init__.py": "",
    "polls/urls.py": """
        from django.urls import path
        from site_.views import plain

        app_name = "polls"
        urlpatterns = [path("", plain, name="list"), path("<int:pk>/", plain, name="detail")]
        """,
    "shop/__init__.py": "",
    "shop/urls.py": """
        from django.urls import path
        from site_.views import plain

        app_name = "shop"
        urlpatterns = [path("", plain, name="list"), path("cart/", plain, name="cart")]
        """,
}
TEST = """
    from django.test import TestCase
    from django.urls import reverse

    HOME = reverse("home")


    class TestPages(TestCase):
        def setUp(self):
            self.cart = reverse("shop:cart")

        def test_it(self):
            {line}
    """


@pytest.mark.parametrize(
    ("address", "route"),
    [
        ('reverse("home")', "/"),
        ("HOME", "/"),
        ('reverse("site.about")', "/about/"),
        ('reverse("twice")', "/new/"),
        ('reverse("notes")', "/notes/"),
        ('reverse("notes", args=[1])', "/notes/<int:pk>/"),
        ('reverse("polls:list")', "/polls/"),
        ('reverse("polls:detail", kwargs={"pk": 1})', "/polls/<int:pk>/"),
        ('reverse("votes:detail", args=(1,))', "/votes/<int:pk>/"),
        ('reverse("shop:list")', "/shop/"),
        ("self.cart", "/shop/cart/"),
        ('reverse("shop:list") + "?page=2"', "/shop/"),
        ("f\"{reverse('shop:list')}?page=2\"", "/shop/"),
    ],
)
def test_names_of_django(address: str, route: str, tmp_path: Path) -> None:
    test = dedent(TEST).format(line=f"self.client.get({address})")

    project = read(tmp_path, {**DJANGO, "site_/tests.py": test})

    assert [one.path for one in project.routes if project.requests.of(one)] == [route]
    assert project.requests.unread == 0
    assert _asked_of_django(tmp_path, address) == route.lstrip("/")


def _asked_of_django(root: Path, address: str) -> str:
    """The route that Django takes for the address, as it spells it."""
    code = (
        "import django; django.setup()\nfrom django.urls import resolve, reverse\nHOME = reverse('home')\n"
        "class self:\n    cart = reverse('shop:cart')\n"
        f"print(resolve(({address}).partition('?')[0]).route.replace('^', '').replace('$', ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "site_.settings", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize(
    "address",
    ['reverse("admin:index")', 'reverse("plain")', 'reverse(f"{self.app}:list")', 'reverse("nobody:list")'],
)
def test_a_name_that_several_may_have_or_nobody_is_not_read(address: str, tmp_path: Path) -> None:
    test = dedent(TEST).format(line=f"self.client.get({address})")

    project = read(tmp_path, {**DJANGO, "site_/tests.py": test})

    assert [one.path for one in project.routes if project.requests.of(one)] == []
    assert project.requests.unread == 1


def test_names_of_rest_framework(tmp_path: Path) -> None:
    files = {
        "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\n",
        "site_/urls.py": """
            from rest_framework.routers import SimpleRouter
            from site_.views import NoteViewSet, TagViewSet

            router = SimpleRouter()
            router.register("notes", NoteViewSet)
            router.register("labels", TagViewSet, basename="tag")
            urlpatterns = router.urls
            """,
        "site_/views.py": """
            from rest_framework.decorators import action
            from rest_framework.viewsets import ModelViewSet

            from site_.models import Note


            class NoteViewSet(ModelViewSet):
                queryset = Note.objects.all()

                @action(detail=True, methods=["post"])
                def close_now(self, request, pk):
                    return None


            class TagViewSet(ModelViewSet):
                queryset = Note.objects.all()
            """,
        "site_/models.py": "from django.db import models\n\n\nclass Note(models.Model):\n    pass\n",
        "site_/tests.py": """
            from django.urls import reverse
            from rest_framework.test import APITestCase


            class TestNotes(APITestCase):
                def test_it(self):
                    self.client.get(reverse("note-list"))
                    self.client.post(reverse("note-close-now", args=[1]))
                    self.client.delete(reverse("tag-detail", args=[1]))
            """,
    }
    project = read(tmp_path, files)

    assert {f"{one.method} {one.path}" for one in project.routes if project.requests.of(one)} == {
        "GET /notes/",
        "POST /notes/<pk>/close_now/",
        "DELETE /labels/<pk>/",
    }


def test_endpoints_of_flask_are_those_of_flask(tmp_path: Path) -> None:
    project = read(tmp_path, FLASK)
    asked = subprocess.run(
        [sys.executable, "-B", "-c", ASK_FLASK], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    reached = [one.path for one in project.routes if project.requests.of(one)]
    assert set(reached) == set(asked.stdout.split()) == {
        "/", "/auth/login", "/auth/token", "/users", "/admin/deep/page", "/again/login", "/again/token", "/told",
    }  # fmt: skip
    assert project.requests.unread == 2


FLASK = {
    "app.py": """
        from flask import Blueprint, Flask
        from flask.views import MethodView

        app = Flask(__name__)
        auth = Blueprint("auth", __name__, url_prefix="/auth")
        admin = Blueprint("admin", __name__, url_prefix="/admin")
        deep = Blueprint("deep", __name__, url_prefix="/deep")


        @app.get("/")
        def index():
            return ""


        @auth.post("/login")
        def login():
            return ""


        @auth.route("/token", endpoint="make_token")
        def token():
            return ""


        @deep.get("/page")
        def page():
            return ""


        @deep.get("/other")
        def other():
            return ""


        def told():
            return ""


        class Users(MethodView):
            def get(self):
                return ""


        app.add_url_rule("/users", view_func=Users.as_view("people"))
        app.add_url_rule("/told", "said", told)
        admin.register_blueprint(deep)
        app.register_blueprint(auth)
        app.register_blueprint(auth, name="again", url_prefix="/again")
        app.register_blueprint(admin)
        """,
    "tests/test_app.py": """
        from flask import url_for


        def test_it(client):
            client.get(url_for("index"))
            client.post(url_for("auth.login", next="/"))
            client.get(url_for("auth.make_token"))
            client.post(url_for("again.login"))
            client.get(url_for("again.make_token"))
            client.get(url_for("people"))
            client.get(url_for("said"))
            client.get(url_for("admin.deep.page"))


        def test_what_a_library_has(client):
            client.get(url_for("admin.index"))
            client.get(url_for("login"))
        """,
}
ASK_FLASK = """
from flask import url_for
from app import app
with app.test_request_context():
    for name in ("index", "auth.login", "auth.make_token", "again.login", "again.make_token", "people", "said", "admin.deep.page"):
        print(url_for(name))
"""
