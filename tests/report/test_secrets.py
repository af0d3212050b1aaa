"""What looks like a secret does not leave the machine in a report."""

from dataclasses import replace

import pytest

from greenroom.model.place import Place
from greenroom.model.secret import cover
from greenroom.report import FORMATS, render
from greenroom.report.frame import source_frame
from tests.report.sample import BLOCKING, MODES, PROJECT, rich_audit

SECRET = "hunter2-swordfish"  # noqa: S105 - the bait
TOKEN = "sk-" + "a1B2" * 8
KEY = "q7GkP2xW9zLm4TnB8vRc3YdF6hJs1AeU"


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{SECRET}"',
        f"API_KEY: str = '{SECRET}'",
        f'db_password: str | None = "{SECRET}"',
        f'config["secret_key"] = "{SECRET}"',
        f'{{"token": "{SECRET}", "name": "kept"}}',
        f'connect(user="joe", password="{SECRET}", timeout=3)',
        f'os.environ.get("SECRET_KEY", "{SECRET}")',
        f'os.getenv("API_TOKEN", default="{SECRET}")',
        f'monkeypatch.setenv("AUTH_KEY", "{SECRET}")',
        f'if token == "{SECRET}":',
        f'url = "postgresql://app:{SECRET}@db:5432/desk"',
        f'headers = {{"Authorization": "Bearer {SECRET}"}}',
        f'get("https://crm.test/v1?api_key={SECRET}&page=2")',
    ],
)
def test_a_secret_is_covered_and_keeps_its_columns(line: str) -> None:
    assert cover(line) == line.replace(SECRET, "*" * len(SECRET))


@pytest.mark.parametrize(
    "line",
    [
        'def connect(password: str, name="kept"):',
        'url = f"postgresql://{user}:{password}@db/desk"',
        'headers = {"Authorization": f"Bearer {token}"}',
        'raise HTTPException(401, "invalid token")',
        'token_url = "https://issuer.test/token"',
        'password = f"{secret}"',
        'password = "***"',
        'script = "/static/js/application/Bundle123456/main.js"',
        "secret = load(name)",
        'assert response.json() == {"detail": "password is too short"}',
        "RepositoryGenericOfSomething123.create_something_long(x)",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert cover(line) == line


@pytest.mark.parametrize("value", [TOKEN, "AKIA" + "ABCDEFGH12345678", "ghp_" + "a1" * 18, KEY, "0f" * 16])
def test_what_no_person_would_think_of_is_covered(value: str) -> None:
    assert cover(f'client = Client("{value}")') == f'client = Client("{"*" * len(value)}")'


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("  POSTGRES_PASSWORD: swordfish  # of staging", "  POSTGRES_PASSWORD: *********  # of staging"),
        ("  - API_KEY=swordfish", "  - API_KEY=*********"),
        ("ENV SECRET_KEY=swordfish", "ENV SECRET_KEY=*********"),
        ("  PASSWORD: ${PASSWORD}", "  PASSWORD: ${PASSWORD}"),
        ("  password_file: /run/secrets/db", "  password_file: /run/secrets/db"),
    ],
)
def test_settings_need_no_quotation_marks(line: str, covered: str) -> None:
    assert cover(line, "compose.yaml") == covered
    assert cover(line, "app/settings.py") == line


def test_a_frame_underlines_what_it_underlined() -> None:
    line = f'    client = connect(password="{SECRET}")'

    (frame,) = source_frame([line], Place(path="app.py", line=1, column=14))

    assert frame.text == line.replace(SECRET, "*" * len(SECRET))
    assert frame.text[frame.start : frame.end] == f'connect(password="{"*" * len(SECRET)}")'


@pytest.mark.parametrize("format_name", FORMATS)
def test_no_format_tells_a_secret(format_name: str) -> None:
    finding = replace(BLOCKING, message=f"`post` sends `Bearer {SECRET}`", remedy=f"not {TOKEN}")
    project = replace(PROJECT, test_commands=(f"pytest --dsn postgres://app:{SECRET}@db/desk",))
    audit = replace(rich_audit(), findings=(finding,), project=project, notices=(f"read {TOKEN}",))
    source = [f'password = "{SECRET}"'] * 12

    text = render(audit, MODES, format_name, lines=lambda _path: source)

    assert BLOCKING.code in text
    assert SECRET not in text
    assert TOKEN not in text
