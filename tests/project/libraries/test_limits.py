"""What a call says about its time limit, in every way in which people write it."""

import pytest

from greenroom.catalogue.dependency.construction import given_limits
from greenroom.model.settings import Settings
from greenroom.project.libraries.limits import Given
from greenroom.project.project import read_project
from tests.conftest import WriteProject


def given(write_project: WriteProject, code: str, *limits: str, positional: bool = True) -> Given:
    """What the last call of `make` in the function says."""
    project = read_project(write_project({"app.py": code}), Settings())
    module = project.modules["app.py"]
    scope = next((scope for scope in module.scopes if scope.name == "run"), module.top)
    call = [call for call in scope.body.calls if call.callee == "make"][-1]
    return given_limits(project.inference, scope).read(call, limits, positional=positional)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("make('a')", Given.ABSENT),
        ("make('a', timeout=3)", Given.LIMIT),
        ("make('a', timeout=None)", Given.NONE),
        ("make('a', timeout=settings.timeout)", Given.LIMIT),
        ("make('a', timeout=x if x else None)", Given.LIMIT),
        ("make('a', 3)", Given.LIMIT),
        ("make('a', None)", Given.NONE),
        ("make('a', *rest)", Given.OPAQUE),
        ("make('a', **options)", Given.OPAQUE),
        ("make('a', **{'timeout': 3})", Given.LIMIT),
        ("make('a', **{'retries': 3})", Given.ABSENT),
        ("make('a', **{**options})", Given.OPAQUE),
        ("make('a', connection_pool=pool)", Given.OPAQUE),
        ("make('a', connection_pool=None)", Given.ABSENT),
        ("make('a', timeout=None, connection_pool=pool)", Given.NONE),
        ("make('a', async_=True)", Given.OPAQUE),
        ("make('a', timeout=(3, 5))", Given.LIMIT),
        ("make('a', timeout=(3, None))", Given.NONE),
        ("make('a', timeout=httpx.Timeout(5))", Given.LIMIT),
        ("make('a', timeout=httpx.Timeout(None))", Given.NONE),
        ("make('a', timeout=httpx.Timeout(5, read=None))", Given.NONE),
        ("make('a', timeout=aiohttp.ClientTimeout(connect=5))", Given.NONE),
        ("make('a', timeout=aiohttp.ClientTimeout(sock_read=5))", Given.LIMIT),
        ("make('a', timeout=aiohttp.ClientTimeout(**options))", Given.LIMIT),
    ],
)
def test_arguments(write_project: WriteProject, call: str, expected: Given) -> None:
    assert given(write_project, call, "timeout:1") is expected


def test_positions_of_a_constructor_are_not_those_of_a_factory(write_project: WriteProject) -> None:
    assert given(write_project, "make('a', 3)", "timeout:1", positional=False) is Given.ABSENT


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("make(connect_args={'connect_timeout': 3})", Given.LIMIT),
        ("make(connect_args=dict(connect_timeout=3))", Given.LIMIT),
        ("make(connect_args=Options(connect_timeout=3))", Given.LIMIT),
        ("make(connect_args={'ssl': True})", Given.ABSENT),
        ("make(connect_args={'options': '-c statement_timeout=5'})", Given.LIMIT),
        ("make(connect_args={'options': '-c timezone=utc'})", Given.ABSENT),
        ("make(connect_args={'server_settings': {'statement_timeout': '5'}})", Given.LIMIT),
        ("make(connect_args=arguments())", Given.OPAQUE),
        ("make(connect_args=unknown)", Given.OPAQUE),
        ("make(connect_args=None)", Given.ABSENT),
        ("make(**{'connect_args': {'timeout': 3}})", Given.LIMIT),
        ("make('postgresql://db/app?connect_timeout=3')", Given.LIMIT),
        ("make(f'postgresql://{host}/app?connect_timeout=3')", Given.LIMIT),
        ("make(url='postgresql://db/app')", Given.ABSENT),
        ("make(settings.url)", Given.ABSENT),
    ],
)
def test_dicts_and_addresses(write_project: WriteProject, call: str, expected: Given) -> None:
    limits = (
        "connect_args.*timeout*",
        "connect_args.options",
        "connect_args.server_settings.*timeout*",
        "url",
    )

    assert given(write_project, call, *limits) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["options = {'timeout': 3}"], Given.LIMIT),
        (["options = {'retries': 3}"], Given.ABSENT),
        (["options = {}", "options['timeout'] = 3"], Given.LIMIT),
        (["options = {}", "options['retries'] = 3"], Given.ABSENT),
        (["options = {}", "options[name] = 3"], Given.OPAQUE),
        (["options = {}", "options.update(more)"], Given.OPAQUE),
        (["options = {}", "options = more()"], Given.OPAQUE),
        (["first = {'timeout': 3}", "options = first"], Given.LIMIT),
    ],
)
def test_a_name_stands_for_the_literal_that_it_was_given(
    write_project: WriteProject, lines: list[str], expected: Given
) -> None:
    code = "\n    ".join(["def run(more, name):", *lines, "make(**options)"])

    assert given(write_project, code, "timeout") is expected


def test_a_global_literal_counts_and_a_parameter_may_be_anything(write_project: WriteProject) -> None:
    assert (
        given(write_project, "LIMIT = None\ndef run():\n    make(timeout=LIMIT)\n", "timeout") is Given.NONE
    )
    assert given(write_project, "def run(limit=None):\n    make(timeout=limit)\n", "timeout") is Given.LIMIT
