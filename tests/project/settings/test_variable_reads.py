"""Which variables code reads, required or with a default, in every style that projects use."""

from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from greenroom.project.settings.variable_read import VariableRead
from tests.conftest import WriteProject


def reads(root: Path) -> dict[str, VariableRead]:
    return {read.name: read for read in read_project(root, Settings()).configuration.reads}


STYLES = [
    pytest.param('import os\nos.environ["A"]', {"A": True}, id="item"),
    pytest.param('from os import environ\nenviron["A"]', {"A": True}, id="imported mapping"),
    pytest.param('from os import environ as e, getenv as g\ne.get("A")\ng("B")', {"A": False, "B": False}, id="aliases"),
    pytest.param('import os\nos.environ.pop("A")\nos.environ.pop("B", None)', {"A": True, "B": False}, id="pop"),
    pytest.param('import os\nif "A" in os.environ:\n    os.environ["A"]', {"A": False}, id="asked for before"),
    pytest.param('import os\nos.environ["A"] if "A" in os.environ else ""', {"A": False}, id="asked for on the line"),
    pytest.param(
        'import os\ntry:\n    os.environ["A"]\nexcept KeyError:\n    pass\ntry:\n    os.environ["B"]\nexcept ValueError:\n    pass',
        {"A": False, "B": True}, id="caught",
    ),
    pytest.param('import os\nNAMES = ["A", "B"]\nfor name in NAMES:\n    os.environ[name]', {"A": True, "B": True}, id="loop"),
    pytest.param(
        'import os\nMAP = {"a": "A", "b": "B"}\nfor key, name in MAP.items():\n    os.environ.get(name)',
        {"A": False, "B": False}, id="mapping",
    ),
    pytest.param('import os\nhere = {n: os.environ[n] for n in ("A", "B")}', {"A": True, "B": True}, id="comprehension"),
    pytest.param(
        'import os\ndef env(name, default=None):\n    return os.environ.get(name, default)\nenv("A")\nenv("B", "b")',
        {"A": False, "B": False}, id="helper",
    ),
    pytest.param(
        'import os\ndef env(self, name):\n    return os.environ.get(name)\nenv(None, name="A")', {"A": False}, id="function with self",
    ),
    pytest.param(
        'import os\ndef need(name):\n    value = os.getenv(name)\n    if value is None:\n        raise KeyError(name)\n    return value\n'
        'need("A")',
        {"A": True}, id="helper that raises",
    ),
    pytest.param(
        'import os\ndef env(name, default=None, required=False):\n    value = os.getenv(name)\n    if value is None and required:\n'
        '        raise KeyError(name)\n    return value or default\nenv("A")',
        {"A": False}, id="helper that raises on demand",
    ),
    pytest.param('from decouple import config\nconfig("A", cast=int)\nconfig("B", default=1)', {"A": True, "B": False}, id="decouple"),
    pytest.param(
        'from environs import Env\nenv = Env()\nwith env.prefixed("MAIL_"):\n    host = env.str("HOST")\n'
        '    with env.prefixed("BOX_"):\n        size = env.int("SIZE", 3)\nenv("PLAIN")',
        {"MAIL_HOST": True, "MAIL_BOX_SIZE": False, "PLAIN": True},
        id="environs with prefixes",
    ),
    pytest.param('from environs import Env\nenv = Env()\nenv.str("A")\nenv.int("B", 3)\nenv("C")', {"A": True, "B": False, "C": True}, id="environs"),
    pytest.param(
        'import environ\nenv = environ.Env(B=(bool, False))\nenv("A")\nenv.bool("B")\nenv.db()',
        {"A": True, "B": False, "DATABASE_URL": True}, id="django-environ",
    ),
    pytest.param(
        'from starlette.config import Config\nconfig = Config(".env")\nconfig("A")\nconfig("B", cast=bool, default=False)',
        {"A": True, "B": False}, id="starlette",
    ),
    pytest.param(
        'from dynaconf import Dynaconf, Validator\nsettings = Dynaconf(envvar_prefix="SHOP", validators=[Validator("A", "db.url", must_exist=True), '
        'Validator("B", default=1), Validator("C", gt=1)])',
        {"SHOP_A": True, "SHOP_DB__URL": True, "SHOP_B": False}, id="dynaconf",
    ),
    pytest.param(
        'from dynaconf import Dynaconf, Validator\nsettings = Dynaconf()\nsettings.validators.register(Validator("A", required=True))',
        {"DYNACONF_A": True}, id="dynaconf without a prefix of its own",
    ),
    pytest.param(
        'from dynaconf import Dynaconf, Validator\nDynaconf(envvar_prefix=False, validators=[Validator("A", must_exist=True)])',
        {"A": True}, id="dynaconf without a prefix",
    ),
    pytest.param(
        'from dynaconf import Dynaconf\nsettings = Dynaconf(envvar_prefix="SHOP")\nprint(settings.URL.lower(), settings.DB.HOST, settings["port"])\n'
        'settings.get("DEBUG", False)\nsettings.MODE = "x"\nprint(settings.MODE, settings.to_dict())',
        {"SHOP_URL": True, "SHOP_DB__HOST": True, "SHOP_PORT": True, "SHOP_DEBUG": False, "SHOP_MODE": False}, id="attributes of dynaconf",
    ),
    pytest.param(
        'from dynaconf import Dynaconf\nsettings = Dynaconf(envvar_prefix="SHOP")\nprint(settings.url.lower(), settings.db.host, settings.port)\n'
        'settings.mode = "x"\nprint(settings.mode, settings.to_dict(), settings.current_env, settings.validators.validate())',
        {"SHOP_URL": True, "SHOP_DB": True, "SHOP_PORT": True, "SHOP_MODE": False}, id="attributes of dynaconf in lower case",
    ),
    pytest.param(
        'from dynaconf import Dynaconf\nsettings = Dynaconf(settings_files=["a.toml"])\nif settings.A:\n    settings.B()',
        {"DYNACONF_A": False, "DYNACONF_B": False}, id="attributes of dynaconf that a file may bring",
    ),
    pytest.param(
        "from dynaconf import Dynaconf\nsettings = Dynaconf()\n\ndef f(settings):\n    return settings.A\n\n\nclass Other:\n    A = 1\n\n\nprint(Other.A)",
        {}, id="attributes of others",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), STYLES)
def test_whatever_the_style(code: str, expected: dict[str, bool], write_project: WriteProject) -> None:
    root = write_project({"main.py": code + "\n"})

    assert {name: read.required for name, read in reads(root).items()} == expected


def test_dynaconf_in_another_file(write_project: WriteProject) -> None:
    root = write_project(
        {
            "shop/__init__.py": "",
            "shop/config.py": 'from dynaconf import Dynaconf\n\nsettings = Dynaconf(envvar_prefix="SHOP")\n',
            "shop/app.py": "from shop.config import settings as given\n\n\ndef url():\n    return given.DATABASE_URL\n",
        }
    )

    found = reads(root)["SHOP_DATABASE_URL"]

    assert (found.scope.path, found.line, found.required) == ("shop/app.py", 5, True)


FIELDS = """\
from typing import Annotated, ClassVar, Optional

from pydantic import AliasChoices, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Wait(BaseModel):
    seconds: int = 3


class Pool(BaseModel):
    size: int
    wait: Wait = Wait()


class Shared(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_nested_delimiter="__", env_file=(".env", ".env.local"))
    kind: ClassVar[str] = "desk"
    name: str
    level: str = "info"


class Settings(Shared):
    token: str = Field(...)
    url: str = Field(validation_alias=AliasChoices("DB_URL", "DATABASE_URL"))
    limit: Annotated[int, Field(alias="LIMIT")]
    pager: Optional[str] = None
    mail: str | None
    listed: list[str] = Field(default_factory=list)
    pool: Pool


settings = Settings()
"""


def test_the_fields_of_a_settings_class(write_project: WriteProject) -> None:
    found = reads(write_project({"main.py": FIELDS}))

    required = {name for name, read in found.items() if read.required}
    assert required == {"APP_TOKEN", "DB_URL", "LIMIT", "APP_POOL__SIZE"}
    assert found["APP_POOL__SIZE"].names == ("APP_POOL__SIZE", "APP_POOL")
    assert found["APP_POOL__WAIT__SECONDS"].default == 3
    assert found["DB_URL"].names == ("DB_URL", "DATABASE_URL")
    assert found["APP_LEVEL"].default == "info"
    assert found["APP_POOL"].is_prefix
    assert found["APP_TOKEN"].env_files == (".env", ".env.local")


def test_version_1_of_pydantic(write_project: WriteProject) -> None:
    found = reads(
        write_project(
            {
                "main.py": "from pydantic import BaseSettings, Field\n\n\nclass Settings(BaseSettings):\n    url: str\n"
                "    key: str = Field('x', env='SECRET')\n    other: str\n\n    class Config:\n        env_prefix = 'DESK_'\n"
                "        fields = {'other': {'env': ['OTHER', 'ANOTHER']}}\n\n\nsettings = Settings()\n"
            }
        )
    )

    assert {name: read.required for name, read in found.items()} == {
        "DESK_URL": True,
        "SECRET": False,
        "OTHER": True,
    }
    assert found["OTHER"].names == ("OTHER", "ANOTHER")


def test_what_code_sets_itself(write_project: WriteProject) -> None:
    root = write_project(
        {
            "main.py": 'import os\nos.environ["A"] = "1"\nos.environ.update({"B": "1"}, C="1")\nos.environ.setdefault("D", "1")\n'
        }
    )

    assert read_project(root, Settings()).configuration.written >= {"A", "B", "C", "D"}
