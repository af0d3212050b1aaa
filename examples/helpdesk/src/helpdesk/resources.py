"""What the running help desk holds, as one typed object."""

from dataclasses import dataclass

import httpx

from helpdesk.assistant.chat_completions import ChatCompletions
from helpdesk.assistant.summaries import Summariser
from helpdesk.assistant.translations import Translator
from helpdesk.cache import Cache
from helpdesk.database import Sessions
from helpdesk.services.articles import Article
from helpdesk.services.billing import Billing
from helpdesk.services.conversations import ConversationMemory, Conversations
from helpdesk.services.feed import Feed
from helpdesk.services.flags import FeatureFlags
from helpdesk.services.jobs import Jobs
from helpdesk.services.presence import Presence
from helpdesk.services.rate_limit import RateLimiter
from helpdesk.services.rooms import Rooms
from helpdesk.services.slots import ModelSlots
from helpdesk.services.tickets import TicketDesk
from helpdesk.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where data lives."""

    sessions: Sessions
    cache: Cache
    presence: Presence
    jobs: Jobs
    feed: Feed
    flags: FeatureFlags


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Other services."""

    assistant: httpx.AsyncClient
    billing: httpx.AsyncClient
    webhooks: httpx.AsyncClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Everything that a route may use."""

    settings: Settings
    stores: Stores
    assistant: httpx.AsyncClient
    chat: ChatCompletions
    summariser: Summariser
    translator: Translator
    billing: Billing
    desk: TicketDesk
    conversations: Conversations
    memory: ConversationMemory
    rooms: Rooms
    slots: ModelSlots
    limiter: RateLimiter
    articles: tuple[Article, ...]
