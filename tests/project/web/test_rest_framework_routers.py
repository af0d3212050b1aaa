"""Routers of REST framework: the project's own classes, what they add, and how their URLs are handed on."""

from pathlib import Path

import pytest

from tests.project.web.reading import read, table

SETTINGS = 'ROOT_URLCONF = "urls"'
VIEWS = """
    from rest_framework.viewsets import ReadOnlyModelViewSet, ViewSet

    class Notes(ReadOnlyModelViewSet):
        pass

    class Books(ViewSet):
        def list(self, request):
            return None

    def profile(request):
        return None

    def about(request):
        return None
    """
NOTES = {"/api/", "/api/notes/", "/api/notes/<pk>/"}


def _paths(folder: Path, routers: str, urls: str) -> set[str]:
    files = {"settings.py": SETTINGS, "views.py": VIEWS, "routers.py": routers, "urls.py": urls}
    project = read(folder, files)
    assert all(route.certain for route in project.routes)
    return {route.path for route in project.routes}


INCLUDED = """
    from django.urls import include, path
    from routers import router

    urlpatterns = [path("api/", include(router.urls))]
    """
OVERRIDDEN = {
    "urls added to the base's": """
        @property
        def urls(self):
            return super().urls + [path("profile", profile)]
    """,
    "patterns appended": """
        def get_urls(self):
            urls = super().get_urls()
            urls.append(path("profile", profile))
            return urls
    """,
    "patterns in front": """
        def get_urls(self):
            own = []
            for name, view in [("profile", profile)]:
                own += [path(name, view)]
            return own + super().get_urls()
    """,
}


@pytest.mark.parametrize("body", OVERRIDDEN.values(), ids=OVERRIDDEN)
def test_a_router_with_urls_of_its_own(tmp_path: Path, body: str) -> None:
    routers = f"""
from django.urls import path
from rest_framework.routers import DefaultRouter
from views import Notes, profile

class Base(DefaultRouter):
{body}

class Router(Base):
    pass

router = Router()
router.register("notes", Notes)
"""
    assert _paths(tmp_path, routers, INCLUDED) == NOTES | {"/api/profile"}


@pytest.mark.parametrize(
    ("body", "made"),
    [
        pytest.param("trailing_slash = False", "Router()", id="said in the class"),
        pytest.param(
            "def __init__(self):\n        super().__init__(trailing_slash=False)", "Router()", id="handed on"
        ),
        pytest.param("pass", "Router(trailing_slash=False)", id="said where it is made"),
    ],
)
def test_a_router_without_a_first_page_and_without_slashes(tmp_path: Path, body: str, made: str) -> None:
    routers = f"""
from rest_framework.routers import DefaultRouter
from views import Notes

class Router(DefaultRouter):
    include_root_view = False
    {body}

router = {made}
router.register(r"users/(?P<user>\\d+)/notes", Notes)
"""
    assert _paths(tmp_path, routers, INCLUDED) == {"/api/users/<user>/notes", "/api/users/<user>/notes/<pk>"}


ROUTERS = """
    from rest_framework.routers import DefaultRouter, SimpleRouter
    from views import Books, Notes

    inner = SimpleRouter()
    inner.register("notes", Notes)
    router = DefaultRouter()
    router.registry.extend(inner.registry)
    router.register("books", Books)

    def listed():
        return router.urls
    """
HANDED = {
    "a function": 'from routers import listed\nurlpatterns = [path("api/", include(listed()))]',
    "a variable": 'from routers import router\nown = router.urls\nurlpatterns = [path("api/", include((own, "api")))]',
    "a list that grows": 'from routers import router\nown = []\nown.extend(router.urls)\n'
    'urlpatterns = []\nurlpatterns.append(path("api/", include(own)))',
    "endings": 'from rest_framework.urlpatterns import format_suffix_patterns\nfrom routers import router\n'
    'urlpatterns = [path("api/", include(router.urls))]\nurlpatterns = format_suffix_patterns(urlpatterns)',
}  # fmt: skip


@pytest.mark.parametrize("urls", HANDED.values(), ids=HANDED)
def test_urls_handed_on(tmp_path: Path, urls: str) -> None:
    found = _paths(tmp_path, ROUTERS, f"from django.urls import include, path\n{urls}\n")
    assert found == NOTES | {"/api/books/"}


def test_patterns_that_lines_and_loops_add(tmp_path: Path) -> None:
    files = {
        "settings.py": SETTINGS,
        "views.py": VIEWS,
        "urls.py": """
            from django.urls import include, path
            from views import about, profile

            old = [path("a", about)]
            old = [path("old/", include(old))]
            old.append(path("b", about))
            urlpatterns = []
            for name in ("one", "two"):
                urlpatterns += [path(f"{name}/", profile)]
            urlpatterns.extend(old)
            urlpatterns.insert(0, path("about", about))
            """,
    }
    assert table(tmp_path, files) == [
        ("*", "/one/", "profile"),
        ("*", "/two/", "profile"),
        ("*", "/old/a", "about"),
        ("*", "/b", "about"),
        ("*", "/about", "about"),
    ]
