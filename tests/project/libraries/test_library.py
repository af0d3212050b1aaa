"""Effects as a project meets them: lookups, what is inherited, what is read at all."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from greenroom.project.libraries.library import EffectFiles, Effects

CLIENTS = """
distribution = "clients"
roots = ["clients"]
kind = "cache"

[[class]]
name = "clients.Base"
mode = "sync"
touches = "network"
limits = ["timeout:1"]
connect_limits = ["connect_timeout"]
connect_default = 10
limit_default = [{ versions = "*", value = "none" }]
pool = { size = "size" }
database = "db"

[class.methods]
get = { returns = "clients.Base" }

[[class]]
name = "clients.Derived"
extends = "clients.Base"
mode = "sync"
touches = "network"

[[class]]
name = "clients.Patient"
extends = "clients.Derived"
mode = "sync"
touches = "network"
limits = ["patience"]
database = ""

[[class]]
name = "clients.Cursor"
mode = "sync"
touches = "network"
"""
ELSEWHERE = """
distribution = "elsewhere"
roots = ["elsewhere"]
kind = "cache"

[[class]]
name = "elsewhere.Client"
extends = "clients.Base"
mode = "sync"
touches = "network"
"""


@pytest.fixture
def effects(tmp_path: Path) -> Effects:
    return read(tmp_path, {"clients.toml": CLIENTS, "elsewhere.toml": ELSEWHERE}, {"clients", "elsewhere"})


def read(folder: Path, files: Mapping[str, str], imported: set[str]) -> Effects:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return EffectFiles(folder).read(imported)


@pytest.mark.parametrize("name", ["clients.Derived", "elsewhere.Client"])
def test_a_class_has_the_limits_of_the_one_that_it_extends(effects: Effects, name: str) -> None:
    derived = effects.library_class(name)

    assert derived is not None
    assert derived.limits == ("timeout:1",)
    assert derived.connect_limits == ("connect_timeout",)
    assert derived.connect_default
    assert derived.limit_default == (("*", "none"),)
    assert derived.constructor.limits == ("timeout:1",)
    assert derived.constructor.pool == (("size", "size"),)
    assert derived.constructor.database == "db"


def test_what_a_class_says_itself_wins_through_two_levels(effects: Effects) -> None:
    patient = effects.library_class("clients.Patient")

    assert patient is not None
    assert patient.limits == ("patience",)
    assert patient.limit_default == (("*", "none"),)
    assert patient.constructor.database == ""


def test_a_class_without_limits_says_nothing_about_them(effects: Effects) -> None:
    cursor, base = effects.library_class("clients.Cursor"), effects.library_class("clients.Base")

    assert cursor is not None
    assert base is not None
    assert not cursor.has_limits
    assert base.has_limits


def test_a_method_has_no_default_of_its_own_unless_it_says_so(effects: Effects) -> None:
    method = effects.method("clients.Base", "get")

    assert method is not None
    assert method.limits == ()
    assert method.limit_default == ()


def test_methods_are_inherited(effects: Effects) -> None:
    method = effects.method("clients.Patient", "get")

    assert method is not None
    assert method.returns == "clients.Base"


def test_a_class_that_extends_itself_is_read(tmp_path: Path) -> None:
    text = CLIENTS.replace('name = "clients.Cursor"', 'name = "clients.Cursor"\nextends = "clients.Cursor"')

    found = read(tmp_path, {"clients.toml": text}, {"clients"}).library_class("clients.Cursor")

    assert found is not None
    assert not found.has_limits


def test_only_what_is_imported_is_read(tmp_path: Path) -> None:
    files = {"clients.toml": CLIENTS, "broken.toml": 'roots = ["broken"]\nthis is no TOML'}

    assert set(read(tmp_path, files, {"clients.asyncio", "os"}).kinds) == {"clients"}


def test_a_deep_root_is_read_for_what_is_below_it_only(tmp_path: Path) -> None:
    text = CLIENTS.replace('roots = ["clients"]', 'roots = ["google.cloud.store"]')

    assert not read(tmp_path, {"clients.toml": text}, {"google.cloud"}).classes
    assert read(tmp_path, {"clients.toml": text}, {"google.cloud.store.client"}).classes
