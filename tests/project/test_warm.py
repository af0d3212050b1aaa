"""What is kept between runs saves time and decides nothing: a warm report is a cold one, to the byte."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from greenroom.cli import run
from tests.project.calls.edits import Editor

EXAMPLE = Path(__file__).parents[2] / "examples" / "helpdesk"
SERVICES = "src/helpdesk/services"
_ELAPSED = re.compile(r'"elapsed": [\d.]+')


def replaced(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text, path
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


def added(root: Path, path: str, text: str) -> None:
    with (root / path).open("a", encoding="utf-8") as file:
        file.write(text)


def rename_a_function_and_import_another(root: Path) -> None:
    replaced(root, f"{SERVICES}/articles.py", "def search_terms", "def terms_of")
    added(
        root,
        "src/helpdesk/worker.py",
        "\nfrom helpdesk.services.articles import load_articles\n\nload_articles(None)\n",
    )


def change_what_is_configured(root: Path) -> None:
    replaced(root, "pytest.ini", "tests/suite_theatre ", "")
    added(root, "config/production.env", "HELPDESK_ADDED=http://localhost:9\n")
    added(root, "pyproject.toml", '\n[tool.greenroom]\nignore = ["TST009"]\n')


def touch_a_test(root: Path) -> None:
    added(
        root,
        "tests/suite_real/test_tickets.py",
        "\n\ndef test_nothing(client):\n    client.get('/tickets')\n",
    )


def delete_a_file(root: Path) -> None:
    (root / SERVICES / "priorities.py").unlink()


def add_a_package_that_blocks(root: Path) -> None:
    (root / "src/helpdesk/added").mkdir()
    (root / "src/helpdesk/added/__init__.py").write_text(
        "import requests\n\nasync def ask(url):\n    return requests.get(url)\n", encoding="utf-8"
    )
    added(
        root,
        "src/helpdesk/worker.py",
        "\nfrom helpdesk.added import ask\n\n\nasync def go():\n    await ask('u')\n",
    )


def break_the_syntax(root: Path) -> None:
    added(root, f"{SERVICES}/merging.py", "\ndef broken(:\n")


def change_a_body_and_a_signature(root: Path) -> None:
    replaced(
        root,
        f"{SERVICES}/articles.py",
        "    if path is None:",
        "    import time\n\n    time.sleep(1)\n    if path is None:",
    )
    replaced(
        root,
        f"{SERVICES}/articles.py",
        "def find_articles(articles: tuple[Article, ...], query: str)",
        "def find_articles(articles: tuple[Article, ...], query: str, found: dict[str, str] = {})",
    )


def rename_a_file(root: Path) -> None:
    (root / SERVICES / "digest.py").rename(root / SERVICES / "summary.py")


def ask_for_another_setting(root: Path) -> None:
    replaced(
        root,
        "src/helpdesk/settings.py",
        "    redis_host: str\n",
        "    redis_host: str\n    added_secret: str = 'secret'\n",
    )


def remove_a_function(root: Path) -> None:
    file = root / SERVICES / "webhooks.py"
    kept, _, rest = file.read_text(encoding="utf-8").partition("def forget_deliveries")
    file.write_text(
        kept + re.sub(r"\A.*?(?=^\S|\Z)", "", rest, flags=re.DOTALL | re.MULTILINE), encoding="utf-8"
    )


def let_something_grow(root: Path) -> None:
    added(
        root,
        f"{SERVICES}/presence.py",
        "\n\nSEEN: dict[str, int] = {}\n\n\ndef note(name: str) -> None:\n    SEEN[name] = 1\n",
    )
    added(
        root,
        "src/helpdesk/worker.py",
        "\nfrom helpdesk.services import presence\n\n\ndef seen(name: str) -> None:\n    presence.SEEN[name] = 2\n",
    )


def delete_a_test(root: Path) -> None:
    (root / "tests" / "legacy" / "test_escalation.py").unlink()


def ask_for_other_libraries(root: Path) -> None:
    replaced(root, "pyproject.toml", '    "requests==2.32.3",\n', "")
    (root / "requirements.txt").write_text("celery==5.3.0\n", encoding="utf-8")


def start_it_in_another_way(root: Path) -> None:
    replaced(root, "Dockerfile", "HEALTHCHECK", "ENV HELPDESK_ADDED=1\nHEALTHCHECK")
    replaced(root, "Dockerfile", "helpdesk.main:app", "helpdesk.worker:app")


def edit_at_random(root: Path) -> None:
    editor = Editor(root, 7)
    for _ in range(12):
        editor.edit()


EDITS: tuple[Callable[[Path], None], ...] = (
    change_a_body_and_a_signature, rename_a_file, ask_for_another_setting,
    rename_a_function_and_import_another, change_what_is_configured, touch_a_test, delete_a_file,
    add_a_package_that_blocks, remove_a_function, let_something_grow, delete_a_test, ask_for_other_libraries,
    start_it_in_another_way, break_the_syntax, edit_at_random,
)  # fmt: skip


def report(root: Path) -> str:
    """The JSON report, without how long it took."""
    file = root.parent / "report.json"
    assert (
        run(["audit", str(root), "--exit-zero", "--output-format", "json", "--output-file", str(file)]) == 0
    )
    return _ELAPSED.sub("", file.read_text(encoding="utf-8"))


def report_anew(root: Path) -> str:
    """The same without what was kept, which is put back."""
    home, aside = root / ".greenroom", root.parent / "aside"
    home.rename(aside)
    found = report(root)
    shutil.rmtree(home)
    aside.rename(home)
    return found


@pytest.fixture
def helpdesk(tmp_path: Path) -> Path:
    left_out = shutil.ignore_patterns(".greenroom", ".venv", "node_modules", "__pycache__", ".*_cache")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "helpdesk", ignore=left_out))


def test_after_edits_of_every_kind_a_warm_report_is_a_cold_one(helpdesk: Path) -> None:
    before = report(helpdesk)
    for edit in EDITS:
        edit(helpdesk)
        warm = report(helpdesk)
        assert warm == report_anew(helpdesk), edit.__name__
        assert warm != before, edit.__name__
        before = warm


def test_what_is_kept_is_of_the_files_that_are_there(helpdesk: Path) -> None:
    report(helpdesk)
    packs = {file.name: file.stat().st_size for file in (helpdesk / ".greenroom" / "cache").iterdir()}
    shutil.rmtree(helpdesk / "src" / "helpdesk" / "services")
    report(helpdesk)

    for file in (helpdesk / ".greenroom" / "cache").iterdir():
        assert file.stat().st_size <= packs[file.name], file.name
    glances = next((helpdesk / ".greenroom" / "cache").glob("glances-*.bin"))
    assert glances.stat().st_size < packs[glances.name]
