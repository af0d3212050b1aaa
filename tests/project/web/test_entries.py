"""From which way in a function is reached, and what a message calls it."""

from pathlib import Path

import pytest

from tests.project.web.reading import read, ways_in


def test_a_fastapi_application(tmp_path: Path) -> None:
    files = {
        "main.py": """
            import asyncio
            from contextlib import asynccontextmanager

            from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
            from starlette.middleware.base import BaseHTTPMiddleware

            @asynccontextmanager
            async def lifespan(app):
                warm_up()
                asyncio.create_task(poll())
                yield

            def warm_up():
                pass

            async def poll():
                await step()

            async def step():
                pass

            class Timing(BaseHTTPMiddleware):
                def __init__(self, app):
                    super().__init__(app)

                async def dispatch(self, request, call_next):
                    return await call_next(request)

            class Raw:
                def __init__(self, app):
                    self.app = app

                async def __call__(self, scope, receive, send):
                    await self.app(scope, receive, send)

                def unused(self):
                    pass

            def check_token():
                pass

            def get_db():
                pass

            app = FastAPI(lifespan=lifespan, dependencies=[Depends(check_token)])
            app.add_middleware(Timing)
            app.add_middleware(Raw)

            @app.middleware("http")
            async def headers(request, call_next):
                return await call_next(request)

            @app.exception_handler(ValueError)
            async def on_value_error(request, error):
                return None

            @app.get("/items/{id}")
            def item(id: int, tasks: BackgroundTasks, db=Depends(get_db)):
                tasks.add_task(notify, id)
                return shared()

            @app.websocket("/ws")
            async def ws(socket: WebSocket):
                shared()
                only_socket()

            def notify(id):
                pass

            def shared():
                pass

            def only_socket():
                pass

            def nobody():
                pass
            """
    }
    assert ways_in(tmp_path, files) == {
        "lifespan": "lifespan: the lifespan",
        "warm_up": "lifespan: the lifespan",
        "poll": "lifespan: the lifespan",
        "step": "lifespan: the lifespan",
        "Timing.__init__": "route: the middleware `Timing`",
        "Timing.dispatch": "route: the middleware `Timing`",
        "Raw.__init__": "route: the middleware `Raw`",
        "Raw.__call__": "route: the middleware `Raw`",
        "Raw.unused": "unreached",
        "check_token": "route: the dependency `check_token`",
        "get_db": "route: `GET /items/{id}`",
        "headers": "route: the middleware `headers`",
        "on_value_error": "route: the error handler `on_value_error`",
        "item": "route: `GET /items/{id}`",
        "ws": "socket: the WebSocket `/ws`",
        "notify": "route: `GET /items/{id}`",
        "shared": "route: `GET /items/{id}`",
        "only_socket": "socket: the WebSocket `/ws`",
        "nobody": "unreached",
    }


def test_start_up_hooks_tasks_and_schedulers(tmp_path: Path) -> None:
    files = {
        "main.py": """
            import threading

            from apscheduler.schedulers.asyncio import AsyncIOScheduler
            from fastapi import FastAPI
            from fastapi_utils.tasks import repeat_every

            app = FastAPI(on_shutdown=[close])
            scheduler = AsyncIOScheduler()

            async def close():
                pass

            @app.on_event("startup")
            async def open_pool():
                pass

            def before():
                pass

            app.add_event_handler("startup", before)

            @repeat_every(seconds=5)
            async def tick():
                pass

            @scheduler.scheduled_job("interval", minutes=1)
            def every_minute():
                pass

            def nightly():
                pass

            scheduler.add_job(nightly, "cron", hour=3)

            def pump():
                pass

            threading.Thread(target=pump, daemon=True).start()

            class Watcher(threading.Thread):
                def run(self):
                    self.look()

                def look(self):
                    pass
            """
    }
    assert ways_in(tmp_path, files) == {
        "close": "lifespan: the start-up or shutdown handler `close`",
        "open_pool": "lifespan: the start-up or shutdown handler `open_pool`",
        "before": "lifespan: the start-up or shutdown handler `before`",
        "tick": "task: the scheduled task `tick`",
        "every_minute": "task: the scheduled task `every_minute`",
        "nightly": "task: the task `nightly`",
        "pump": "task: the task `pump`",
        "Watcher.run": "task: the thread `Watcher`",
        "Watcher.look": "task: the thread `Watcher`",
    }


def test_what_is_called_in_place_of_a_target_is_no_thread(tmp_path: Path) -> None:
    files = {
        "app.py": """
            import threading
            from fastapi import FastAPI

            app = FastAPI()

            def pump():
                print("now")

            def made():
                def work():
                    pass
                return work

            def refresh():
                threading.Thread(target=pump()).start()
                threading.Thread(target=made()).start()
            """
    }
    found = ways_in(tmp_path, files)
    assert found["pump"] == "unreached"
    assert found["made"].startswith("task")


def test_what_is_handed_to_a_queue_runs_in_a_worker(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from flask import Flask
            from tasks import mail, queue, report

            app = Flask(__name__)

            @app.before_request
            def authenticate():
                pass

            @app.errorhandler(404)
            def missing(error):
                return ""

            @app.post("/orders")
            def order():
                mail.delay(1)
                queue.enqueue(report, 2)
                return ""
            """,
        "tasks.py": """
            import dramatiq
            from celery import Celery, shared_task
            from redis import Redis
            from rq import Queue

            celery = Celery("shop")
            queue = Queue(connection=Redis())

            @celery.task(bind=True)
            def mail(self, number):
                send(number)

            def send(number):
                pass

            @shared_task
            def clean():
                pass

            @dramatiq.actor
            def resize():
                pass

            def report(number):
                pass

            def on_message(channel, method, properties, body):
                pass

            def listen(channel):
                channel.basic_consume(queue="orders", on_message_callback=on_message)
            """,
    }
    assert ways_in(tmp_path, files) == {
        "authenticate": "route: the request hook `authenticate`",
        "missing": "route: the error handler `missing`",
        "order": "route: `POST /orders`",
        "mail": "worker: the Celery task `mail`",
        "send": "worker: the Celery task `mail`",
        "clean": "worker: the Celery task `clean`",
        "resize": "worker: the actor `resize`",
        "report": "worker: the worker's job `report`",
        "on_message": "worker: the message handler `on_message`",
        "listen": "unreached",
    }


def test_who_calls_a_task_of_huey_only_queues_it(tmp_path: Path) -> None:
    files = {
        "main.py": """
            from fastapi import FastAPI

            from jobs import fetch

            app = FastAPI()

            @app.post("/pictures")
            def add():
                fetch("https://picture.example")
            """,
        "jobs.py": """
            from huey.contrib.djhuey import HUEY as huey

            def task(retries=5):
                def decorate(function):
                    def inner(*args):
                        return function(*args)

                    return huey.task(retries=retries)(inner)

                return decorate

            @task()
            def fetch(address):
                load(address)

            def load(address):
                pass
            """,
    }
    found = ways_in(tmp_path, files)

    assert found["add"] == "route: `POST /pictures`"
    assert found["fetch"] == found["load"] == "worker: the worker's task `fetch`"


def test_what_people_start(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": """
            [project]
            name = "shop"

            [project.scripts]
            shop-load = "shop.load:main"
            """,
        "shop/__init__.py": "",
        "shop/load.py": """
            def main():
                rows()

            def rows():
                pass
            """,
        "shop/cli.py": """
            import click

            @click.group()
            def cli():
                pass

            @cli.command()
            def seed():
                pass
            """,
        "shop/serve.py": """
            def run():
                pass

            def configure():
                pass

            configure()

            if __name__ == "__main__":
                run()
            """,
        "shop/management/__init__.py": "",
        "shop/management/commands/__init__.py": "",
        "shop/management/commands/purge.py": """
            from django.core.management.base import BaseCommand

            class Command(BaseCommand):
                def handle(self, *args, **options):
                    pass
            """,
        "migrations/versions/1_first.py": """
            revision = "1"
            down_revision = None

            def upgrade():
                pass
            """,
    }
    assert ways_in(tmp_path, files) == {
        "main": "script: the command `shop-load`",
        "rows": "script: the command `shop-load`",
        "cli": "script: the command `cli`",
        "seed": "script: the command `seed`",
        "run": "script: the script `shop/serve.py`",
        "configure": "project: the import of `shop.serve`",
        "Command.handle": "script: the command `purge`",
        "upgrade": "script: the migration `1_first`",
    }


def test_a_handler_is_called_by_what_is_wanted_of_it_not_by_what_browsers_ask_before(tmp_path: Path) -> None:
    files = {
        "conf/settings.py": 'ROOT_URLCONF = "conf.urls"\n',
        "conf/__init__.py": "",
        "conf/urls.py": """
            from django.urls import path
            from conf.views import recent, probe

            urlpatterns = [path("recent/", recent), path("probe/", probe)]
            """,
        "conf/views.py": """
            from django.views.decorators.http import require_http_methods

            @require_http_methods(["OPTIONS", "HEAD", "GET"])
            def recent(request):
                return None

            @require_http_methods(["HEAD"])
            def probe(request):
                return None
            """,
    }
    found = ways_in(tmp_path, files)
    assert found["recent"] == "route: `GET /recent/`"
    assert found["probe"] == "route: `HEAD /probe/`"


def test_what_django_and_its_relatives_call(tmp_path: Path) -> None:
    files = {
        "conf/settings.py": """
            ROOT_URLCONF = "conf.urls"
            MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "conf.middleware.Tenant"]
            """,
        "conf/__init__.py": "",
        "conf/middleware.py": """
            class Tenant:
                def __init__(self, get_response):
                    self.get_response = get_response

                def __call__(self, request):
                    return self.get_response(request)
            """,
        "conf/urls.py": """
            from django.urls import path
            from conf.views import Notes

            urlpatterns = [path("notes/", Notes.as_view())]
            """,
        "conf/views.py": """
            from rest_framework.generics import GenericAPIView
            from rest_framework.permissions import BasePermission

            class IsOwner(BasePermission):
                def has_permission(self, request, view):
                    return True

            class Notes(GenericAPIView):
                permission_classes = [IsOwner]

                def get_queryset(self):
                    return []

                def get(self, request):
                    return None
            """,
        "conf/apps.py": """
            from django.apps import AppConfig

            class Conf(AppConfig):
                def ready(self):
                    connect()

            def connect():
                pass
            """,
        "conf/consumers.py": """
            from channels.generic.websocket import WebsocketConsumer

            class Chat(WebsocketConsumer):
                def receive(self, text_data=None):
                    self.store(text_data)

                def store(self, text):
                    pass
            """,
    }
    assert ways_in(tmp_path, files) == {
        "Tenant.__init__": "route: the middleware `Tenant`",
        "Tenant.__call__": "route: the middleware `Tenant`",
        "IsOwner.has_permission": "route: `GET /notes/`",
        "Notes.get_queryset": "route: `GET /notes/`",
        "Notes.get": "route: `GET /notes/`",
        "Conf.ready": "lifespan: the start-up of the app `Conf`",
        "connect": "lifespan: the start-up of the app `Conf`",
        "Chat.receive": "socket: the consumer `Chat`",
        "Chat.store": "socket: the consumer `Chat`",
    }


def test_sockets_and_chats(tmp_path: Path) -> None:
    files = {
        "server.py": """
            import chainlit as cl
            import socketio

            sio = socketio.AsyncServer()

            @sio.event
            async def connect(sid, environ):
                pass

            @sio.on("ask")
            async def ask(sid, data):
                pass

            class Room(socketio.AsyncNamespace):
                async def on_join(self, sid):
                    pass

            @cl.on_message
            async def answer(message):
                pass

            def on(event):
                return lambda function: function

            @on("ask")
            def not_a_socket():
                pass
            """
    }
    found = ways_in(tmp_path, files)
    assert {name: found[name] for name in ("connect", "ask", "Room.on_join", "answer")} == {
        "connect": "socket: the socket handler `connect`",
        "ask": "socket: the socket handler `ask`",
        "Room.on_join": "socket: the socket namespace `Room`",
        "answer": "socket: the chat handler `answer`",
    }
    assert found["not_a_socket"] == "unreached"


def test_an_abstract_base_calls_nothing(tmp_path: Path) -> None:
    files = {
        "main.py": """
            import abc

            from starlette.applications import Starlette

            class Factory(abc.ABC):
                def make(self):
                    app = Starlette()
                    app.add_route("/schema.json", self.schema)
                    return app

                async def schema(self, request):
                    pass

                async def begin(self):
                    pass
            """
    }
    found = ways_in(tmp_path, files)
    assert found["Factory.schema"] == "route: `GET /schema.json`"
    assert found["Factory.begin"] == "unreached"


FORGOTTEN = {
    "shop/main.py": """
        from fastapi import FastAPI

        app = FastAPI()

        @app.get("/health")
        def health(): ...
        """,
    "shop/notes.py": """
        from fastapi import APIRouter

        router = APIRouter()

        @router.get("/notes")
        def list_notes(amount: int): ...
        """,
}


def is_unserved(folder: Path, files: dict[str, str]) -> bool:
    project = read(folder, {**FORGOTTEN, **files})
    (handler,) = [scope for scope in project.modules["shop/notes.py"].scopes if scope.name == "list_notes"]
    entry = project.entries.entry(handler)
    assert entry is not None
    return entry.is_unserved


def test_a_router_in_a_file_that_nothing_imports_is_served_by_nobody(tmp_path: Path) -> None:
    assert is_unserved(tmp_path, {})


@pytest.mark.parametrize(
    "files",
    [
        {"shop/all.py": "from shop import notes\n"},
        {"shop/all.py": "import importlib\n\ndef load(name):\n    return importlib.import_module(name)\n"},
        {"shop/all.py": "def load(name):\n    return __import__(name)\n"},
    ],
    ids=["imported", "files are imported by name", "by the built-in function"],
)
def test_a_router_that_something_may_import_may_be_served(tmp_path: Path, files: dict[str, str]) -> None:
    assert not is_unserved(tmp_path, files)


def test_a_factory_that_no_code_calls_is_called_by_a_server(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/main.py": """
            from flask import Flask

            def create_app():
                app = Flask(__name__)
                prepare()

                @app.get("/orders")
                def orders():
                    return []

                return app

            def prepare():
                pass
        """,
    }

    found = ways_in(tmp_path, files)

    assert found["create_app"] == found["prepare"] == "project: the factory `create_app`"


def test_what_the_body_of_a_class_calls_runs_with_the_import(tmp_path: Path) -> None:
    files = {
        "main.py": """
            from fastapi import FastAPI

            app = FastAPI()

            def read_key(name):
                return fetch(name)

            def fetch(name):
                return name

            class Settings:
                key = read_key("key")

            @app.get("/key")
            def key():
                return Settings().key
        """,
    }

    found = ways_in(tmp_path, files)

    assert found["read_key"] == found["fetch"] == "project: the import of `main`"
