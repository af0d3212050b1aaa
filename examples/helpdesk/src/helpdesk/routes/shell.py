"""The page that loads the front end; the front end has routes of its own."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Helpdesk</title></head>
  <body><div id="root"></div><script type="module" src="/assets/index.js"></script></body>
</html>
"""


@router.get("/{path:path}")
async def shell(path: str) -> HTMLResponse:
    """The same page for every address."""
    return HTMLResponse(PAGE)
