"""The knowledge base: a few articles that the assistant may quote."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Article:
    """One page of the knowledge base."""

    title: str
    text: str


def load_articles(path: Path | None) -> tuple[Article, ...]:
    """All articles of a JSON file; none without a file."""
    if path is None:
        return ()
    return tuple(Article(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))


@cache
def search_terms(query: str) -> frozenset[str]:
    """The words of a query that mean something."""
    words = (word.strip(".,?!").lower() for word in query.split())
    return frozenset(word for word in words if len(word) > 2)


def find_articles(articles: tuple[Article, ...], query: str) -> list[Article]:
    """The articles whose title has a word of the query."""
    terms = search_terms(query)
    return [article for article in articles if terms & search_terms(article.title)]
