"""Django, Django REST framework and channels."""

from pathlib import Path

import pytest

from greenroom.project.web.regex_paths import simplified
from tests.project.web.reading import read, table

DJANGO = {
    "manage.py": "",
    "site_/__init__.py": "",
    "site_/settings.py": """
        ROOT_URLCONF = "site_.urls"
        WSGI_APPLICATION = "site_.wsgi.application"
        INSTALLED_APPS = ["rest_framework", "django.contrib.contenttypes", "django.contrib.auth"]
        SECRET_KEY = "x"
        """,
    "site_/wsgi.py": """
        from django.core.wsgi import get_wsgi_application

        application = get_wsgi_application()
        """,
    "site_/urls.py": """
        from django.contrib import admin
        from django.urls import include, path, re_path
        from django.views.generic import TemplateView
        from rest_framework.routers import DefaultRouter
        from site_ import views

        router = DefaultRouter()
        router.register(r"notes", views.NoteViewSet, basename="note")

        urlpatterns = [
            path("", TemplateView.as_view(template_name="home.html")),
            path("api/", include(router.urls)),
            path("shop/", include("shop.urls")),
            path("extra/", include([path("one", views.plain), path("two/", views.listing)])),
            re_path(r"^old/(?P<year>[0-9]{4})/(\\d+)/$", views.Old.as_view()),
            path("notes/<int:pk>", views.NoteViewSet.as_view({"get": "retrieve", "post": "lock"})),
        ]
        urlpatterns += [path("more", views.only_post)]
        """,
    "site_/views.py": """
        from django.contrib.auth.decorators import login_required
        from django.views import View
        from django.views.decorators.http import require_POST
        from rest_framework.decorators import action, api_view
        from rest_framework.generics import ListAPIView
        from rest_framework.mixins import ListModelMixin
        from rest_framework.viewsets import GenericViewSet

        def plain(request):
            return None

        @api_view(["GET", "PUT"])
        def listing(request):
            return None

        @require_POST
        def only_post(request):
            return None

        class Old(View):
            def get(self, request, year):
                return None

        class Archive(ListAPIView):
            def post(self, request):
                return None

        class NoteViewSet(ListModelMixin, GenericViewSet):
            lookup_field = "slug"

            def retrieve(self, request, slug=None, pk=None):
                return None

            @action(detail=True, methods=["post"])
            def lock(self, request, slug=None, pk=None):
                return None

            @lock.mapping.delete
            def unlock(self, request, slug=None):
                return None

            @action(detail=False, url_path="most-read")
            def popular(self, request):
                return None
        """,
    "shop/__init__.py": "",
    "shop/urls.py": """
        from django.contrib.auth.decorators import login_required
        from django.urls import path
        from site_.views import Archive, plain

        app_name = "shop"
        urlpatterns = [path("", login_required(plain)), path("archive/", Archive.as_view())]
        """,
}
EXPECTED = [
    ("GET", "/", ""),
    ("GET", "/api/notes/", "NoteViewSet"),
    ("GET", "/api/notes/most-read/", "NoteViewSet.popular"),
    ("GET", "/api/notes/<slug>/", "NoteViewSet.retrieve"),
    ("POST", "/api/notes/<slug>/lock/", "NoteViewSet.lock"),
    ("DELETE", "/api/notes/<slug>/lock/", "NoteViewSet.unlock"),
    ("GET", "/api/", "APIRootView"),
    ("*", "/shop/", "plain"),
    ("POST", "/shop/archive/", "Archive.post"),
    ("GET", "/shop/archive/", "Archive"),
    ("*", "/extra/one", "plain"),
    ("GET", "/extra/two/", "listing"),
    ("PUT", "/extra/two/", "listing"),
    ("GET", "/old/<year>/<var>/", "Old.get"),
    ("GET", "/notes/<int:pk>", "NoteViewSet.retrieve"),
    ("POST", "/notes/<int:pk>", "NoteViewSet.lock"),
    ("POST", "/more", "only_post"),
]


def test_django_with_includes_and_view_sets(tmp_path: Path) -> None:
    project = read(tmp_path, DJANGO)
    found = [(route.method, route.path, route.symbol) for route in project.routes]
    assert found == EXPECTED
    assert {route.application for route in project.routes} == {"site_.wsgi.application"}
    assert all(route.certain for route in project.routes)


def test_one_list_of_patterns_below_two_prefixes(tmp_path: Path) -> None:
    files = {
        "manage.py": "",
        "settings.py": "ROOT_URLCONF = 'urls'\n",
        "views.py": "def show(request): ...\n\n\ndef edit(request): ...\n",
        "urls.py": """
            from django.urls import include, path
            import views

            common = [path("show", views.show), path("edit", views.edit)]
            urlpatterns = [path("orders/", include(common)), path("customers/", include(common))]
            """,
    }

    assert table(tmp_path, files) == [
        ("*", "/orders/show", "show"),
        ("*", "/orders/edit", "edit"),
        ("*", "/customers/show", "show"),
        ("*", "/customers/edit", "edit"),
    ]


def test_channels(tmp_path: Path) -> None:
    files = {
        "asgi.py": """
            from channels.auth import AuthMiddlewareStack
            from channels.routing import ProtocolTypeRouter, URLRouter
            from django.core.asgi import get_asgi_application
            from routing import websocket_urlpatterns

            application = ProtocolTypeRouter(
                {
                    "http": get_asgi_application(),
                    "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
                }
            )
            """,
        "routing.py": """
            from channels.generic.websocket import AsyncWebsocketConsumer
            from django.urls import path

            class Chat(AsyncWebsocketConsumer):
                async def connect(self):
                    await self.accept()

            websocket_urlpatterns = [path("ws/chat/<room>/", Chat.as_asgi())]
            """,
    }
    assert table(tmp_path, files) == [("WEBSOCKET", "/ws/chat/<room>/", "Chat")]


def test_an_action_that_a_later_method_of_its_name_replaces(tmp_path: Path) -> None:
    files = {
        "settings.py": 'ROOT_URLCONF = "urls"',
        "urls.py": """
            from rest_framework.routers import SimpleRouter
            from views import Notes

            router = SimpleRouter()
            router.register("notes", Notes, basename="notes")
            urlpatterns = router.urls
            """,
        "views.py": """
            from rest_framework.decorators import action
            from rest_framework.viewsets import ViewSet

            class Notes(ViewSet):
                @action(detail=False, methods=["post"])
                def share(self, request):
                    return 1

                @action(detail=False)
                def count(self, request):
                    return 1

                @action(detail=False, methods=["put"], url_path="hand-out")
                def share(self, request):
                    return 2

                def count(self, request):
                    return 2
            """,
    }
    assert table(tmp_path, files) == [("PUT", "/notes/hand-out/", "Notes.share")]
    assert [route.line for route in read(tmp_path, {}).routes] == [15]


def test_routers_of_sockets_below_a_path(tmp_path: Path) -> None:
    files = {
        "asgi.py": """
            from channels.routing import ProtocolTypeRouter, URLRouter
            from routing import urlpatterns

            application = ProtocolTypeRouter({"websocket": URLRouter(urlpatterns)})
            """,
        "routing.py": """
            from channels.routing import URLRouter
            from django.urls import path
            import rooms

            urlpatterns = [path("ws/v1/", URLRouter(rooms.urlpatterns))]
            """,
        "rooms.py": """
            from channels.generic.websocket import AsyncWebsocketConsumer
            from django.urls import path

            class Room(AsyncWebsocketConsumer):
                async def connect(self):
                    await self.accept()

            urlpatterns = [path("rooms/<name>/", Room.as_asgi())]
            """,
    }
    assert table(tmp_path, files) == [("WEBSOCKET", "/ws/v1/rooms/<name>/", "Room")]
    assert [route.application for route in read(tmp_path, {}).routes] == ["asgi.application"]


def test_an_include_that_names_its_application(tmp_path: Path) -> None:
    """As `django.urls.include` takes it: a pair of what is included and `app_name`."""
    files = {
        "settings.py": 'ROOT_URLCONF = "urls"',
        "urls.py": """
            from django.urls import include, path
            import books

            urlpatterns = [
                path("shop/", include(("shop_urls", "shop"), namespace="front")),
                path("books/", include((books, "books"))),
                path("one/", include(([path("two/", books.show)], "three"))),
            ]
            """,
        "shop_urls.py": """
            from django.urls import path
            from books import show

            urlpatterns = [path("<int:pk>/", show, name="detail")]
            """,
        "books.py": """
            from django.urls import path

            def show(request):
                return None

            urlpatterns = [path("", show, name="list")]
            """,
    }
    assert table(tmp_path, files) == [
        ("*", "/shop/<int:pk>/", "show"),
        ("*", "/books/", "show"),
        ("*", "/one/two/", "show"),
    ]
    assert [route.name for route in read(tmp_path, {}).routes] == ["front:detail", "books:list", ""]


@pytest.mark.parametrize(
    ("server", "application"),
    [("site_/wsgi.py", "site_.urls.urlpatterns"), ("elsewhere/wsgi.py", "")],
)
def test_settings_that_are_not_in_the_repository(tmp_path: Path, server: str, application: str) -> None:
    """What `startproject` makes: the configuration lies beside `wsgi.py`, and nothing includes it."""
    files = {
        "manage.py": "",
        "site_/__init__.py": "",
        server: "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        "site_/urls.py": """
            from django.urls import include, path

            urlpatterns = [path("shop/", include("shop.urls"))]
            """,
        "shop/urls.py": """
            from django.urls import path

            def show(request):
                return None

            urlpatterns = [path("show/", show)]
            """,
    }
    assert [(route.path, route.application) for route in read(tmp_path, files).routes] == [
        ("/shop/show/", application)
    ]


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("^users/$", "users/"),
        (r"^users/(?P<pk>\d+)/$", "users/<pk>/"),
        (r"^(?P<slug>[^/.)]+)/edit/?$", "<slug>/edit/"),
        (r"^(\d+)/(?:page-(?P<page>\d+)/)?$", "<var>/page-<page>/"),
        (r"^file\.txt\Z", "file.txt"),
    ],
)
def test_regular_expressions_read_as_django_documents_them(pattern: str, path: str) -> None:
    assert simplified(pattern) == path


def test_nested_routers_without_a_slash_at_the_end(tmp_path: Path) -> None:
    files = {
        "urls.py": """
            from django.urls import include, path
            from rest_framework_nested import routers
            from views import Authors, Books

            router = routers.SimpleRouter(trailing_slash=False)
            router.register("authors", Authors)
            books = routers.NestedSimpleRouter(router, "authors", lookup="author", trailing_slash=False)
            books.register("books", Books)
            urlpatterns = [path("", include(router.urls)), *books.urls]
            """,
        "settings.py": 'ROOT_URLCONF = "urls"',
        "views.py": """
            from rest_framework.viewsets import ModelViewSet, ReadOnlyModelViewSet

            class Authors(ModelViewSet):
                http_method_names = ["get", "post"]

                def create(self, request):
                    return None

            class Books(ReadOnlyModelViewSet):
                lookup_url_kwarg = "number"
            """,
    }
    assert table(tmp_path, files) == [
        ("GET", "/authors", "Authors"),
        ("POST", "/authors", "Authors.create"),
        ("GET", "/authors/<pk>", "Authors"),
        ("GET", "/authors/<author_pk>/books", "Books"),
        ("GET", "/authors/<author_pk>/books/<number>", "Books"),
    ]


WRAPPED = """
    from django.urls import include, path
    from views import home

    urlpatterns = [path("home", home)]
    urlpatterns = [
        path("shop/", include((urlpatterns, "shop"))),
    ]
    """


@pytest.mark.parametrize(
    ("urls", "paths"),
    [
        pytest.param(WRAPPED, ["/shop/home"], id="patterns that wrap those before them"),
        pytest.param(
            'from django.urls import include, path\nurlpatterns = [path("again/", include(urlpatterns))]',
            [],
            id="patterns that include themselves",
        ),
    ],
)
def test_patterns_made_of_their_own_name(tmp_path: Path, urls: str, paths: list[str]) -> None:
    files = {
        "urls.py": urls,
        "settings.py": 'ROOT_URLCONF = "urls"',
        "views.py": "def home(request):\n    return None\n",
    }
    assert [path for _, path, _ in table(tmp_path, files)] == paths
