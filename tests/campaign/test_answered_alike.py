"""Handlers without which callers would get the same: the application answers the exception for all requests, in another file."""

from pathlib import Path

import pytest

from greenroom.campaign.plan import Choice, make_plan
from greenroom.catalogue import all_modes
from greenroom.model.settings import Settings
from tests.campaign.conftest import write

SERVICE = """
    from errors import Taken, Unknown


    def order(store, name):
        try:
            return store.put(name)
        except Taken as error:
            message = str(error)
            {taken}


    def show(store, name):
        try:
            return store.get(name)
        except Unknown:
            {unknown}
    """
ERRORS = """
    class ShopError(Exception):
        status_code = 409


    class Taken(ShopError):
        pass


    class Unknown(ShopError):
        status_code = 404
    """
HANDLERS = {
    "flask": """
        from errors import ShopError
        from flask import Flask, jsonify

        app = Flask(__name__)


        @app.errorhandler(ShopError)
        def on_error(error):
            response = jsonify(detail=str(error))
            response.status_code = error.status_code
            return response
        """,
    "starlette": """
        from errors import Taken, Unknown
        from starlette.applications import Starlette
        from starlette.responses import JSONResponse


        def on_taken(request, error):
            return JSONResponse({"detail": str(error)}, 409)


        def on_unknown(request, error):
            return JSONResponse({"detail": str(error)}, status_code=404)


        app = Starlette(exception_handlers={Taken: on_taken, Unknown: on_unknown})
        """,
    "rest_framework": """
        from errors import ShopError
        from rest_framework.response import Response


        def on_error(exc, context):
            if isinstance(exc, ShopError):
                return Response({"detail": str(exc)}, status=exc.status_code)
            return None
        """,
    "django": """
        from errors import Taken, Unknown
        from django.http import JsonResponse


        class Errors:
            def process_exception(self, request, exception):
                if isinstance(exception, Taken):
                    return JsonResponse({"detail": str(exception)}, status=409)
                if isinstance(exception, Unknown):
                    return JsonResponse({}, status=404)
        """,
    "aiohttp": """
        from aiohttp import web
        from errors import ShopError


        @web.middleware
        async def errors(request, handler):
            try:
                return await handler(request)
            except ShopError as error:
                return web.json_response({"detail": str(error)}, status=error.status_code)
        """,
}
ALIKE = {"taken": 'return {"detail": message}, 409', "unknown": "abort(404)"}
OTHERWISE = {"taken": 'return {"detail": message}, 400', "unknown": "return {}"}


def seeded(root: Path, **files: str) -> list[int]:
    """The lines of handlers that are seeded to let their exception pass."""
    write(root, {f"{name}.py": text for name, text in files.items()})
    plan = make_plan(root, Settings(), all_modes(), Choice(select=("E2",)))
    return [mutant.place.line for mutant in plan.mutants if mutant.place.path == "service.py"]


@pytest.mark.parametrize("framework", HANDLERS)
def test_only_what_the_application_answers_otherwise_is_seeded(tmp_path: Path, framework: str) -> None:
    known = {"errors": ERRORS, "app": HANDLERS[framework]}

    assert seeded(tmp_path / "alike", service=SERVICE.format(**ALIKE), **known) == []
    assert seeded(tmp_path / "otherwise", service=SERVICE.format(**OTHERWISE), **known) == [8, 16]
    assert seeded(tmp_path / "alone", service=SERVICE.format(**ALIKE), errors=ERRORS) == [8, 16]


def test_who_does_more_than_answer_is_seeded(tmp_path: Path) -> None:
    both = {**ALIKE, "taken": 'store.rollback(); return {"detail": message}, 409'}
    found = seeded(tmp_path, service=SERVICE.format(**both), errors=ERRORS, app=HANDLERS["flask"])

    assert found == [8]
