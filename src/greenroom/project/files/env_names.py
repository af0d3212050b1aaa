"""How templates of env files are called: `.env.example`, `env.sample`, `example-env`, `env.example.docker`."""

from typing import Final

_KINDS: Final = "example|sample|template|default"
ENV_TEMPLATE: Final = (
    rf"(?:[^/]*[._-])?(?:dot)?env(?:ironment)?[._-](?:[^/]*[._-])?(?:{_KINDS}|tmpl|dist)s?(?:[._-]\w+)?|"
    rf"(?:{_KINDS})s?[._-]env(?:[._-]\w+)?"
)
"""A pattern of file names."""
