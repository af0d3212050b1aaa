"""SEC005: one tenant or user is given what belongs to another."""

from greenroom.catalogue.security.leaked_context import LEAK_CONTEXT
from greenroom.catalogue.security.shared_key import KEY_COLLISION
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="SEC005",
    name="tenant-leak",
    family=Family.SECURITY,
    summary="one tenant or user is given what belongs to another",
    consequence="users see the data of strangers, and it has to be told to all of them",
    remedy="make whose it is a part of every key and every query, and test with two users at once",
    source="OpenAI, March 20 ChatGPT outage: here's what happened, 2023; OWASP API Security Top 10, API1:2023",
    operators=(KEY_COLLISION, LEAK_CONTEXT),
)
