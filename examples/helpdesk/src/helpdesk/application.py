"""The application factory."""

import requests
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.errors import HelpdeskError
from helpdesk.routes import (
    admin,
    answers,
    assistant,
    attachments,
    billing,
    chat,
    customers,
    escalations,
    exports,
    health,
    presence,
    reports,
    shell,
    tickets,
)
from helpdesk.settings import Settings
from helpdesk.startup import lifespan

ROUTERS = (
    health.router,
    tickets.router,
    escalations.router,
    answers.router,
    assistant.router,
    attachments.router,
    billing.router,
    chat.router,
    customers.router,
    exports.router,
    presence.router,
    reports.router,
    admin.router,
    shell.router,
)


def create_app(settings: Settings) -> FastAPI:
    """The application with all its routes; nothing is opened before it starts."""
    app = FastAPI(title="Helpdesk", lifespan=lifespan)
    app.state.settings = settings
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(HelpdeskError, say_what_is_wrong)
    for kind in (RedisError, SQLAlchemyError, requests.RequestException):
        app.add_exception_handler(kind, say_unavailable)
    return app


async def say_what_is_wrong(request: Request, error: Exception) -> JSONResponse:
    """An error of ours: its own status and words."""
    status = error.status if isinstance(error, HelpdeskError) else 500
    return JSONResponse({"detail": str(error)}, status_code=status)


async def say_unavailable(request: Request, error: Exception) -> JSONResponse:
    """A dependency that failed: 503, without its internals."""
    detail = "a service that we need does not answer"
    return JSONResponse({"detail": detail}, status_code=503)
