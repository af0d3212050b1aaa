"""The knowledge base."""

from helpdesk.services.articles import Article, find_articles

ARTICLES = (Article("Reset a printer", "Turn it off."), Article("Invoices", "Twice a month."))


def test_article_is_found_by_its_title():
    assert find_articles(ARTICLES, "my printer is broken") == [ARTICLES[0]]


def test_short_words_find_nothing():
    assert find_articles(ARTICLES, "a to is") == []
