"""The entry point of the web process: `uvicorn helpdesk.main:app`."""

from helpdesk.application import create_app
from helpdesk.settings import get_settings

app = create_app(get_settings())
