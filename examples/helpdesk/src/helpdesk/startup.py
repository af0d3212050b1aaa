"""The start, in phases: database, Redis, clients, knowledge base, background work."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import FastAPI
from redis.asyncio import Redis
from redis.exceptions import RedisError

from helpdesk import cache
from helpdesk.assistant.chat_completions import ChatCompletions
from helpdesk.assistant.summaries import Summariser
from helpdesk.assistant.translations import Translator
from helpdesk.database import Sessions, build_engine, build_sessions, create_tables
from helpdesk.resources import Clients, Resources, Stores
from helpdesk.services import presence
from helpdesk.services.articles import load_articles
from helpdesk.services.billing import Billing
from helpdesk.services.conversations import ConversationMemory, Conversations
from helpdesk.services.feed import Feed
from helpdesk.services.flags import FeatureFlags
from helpdesk.services.jobs import Jobs
from helpdesk.services.rate_limit import RateLimiter
from helpdesk.services.rooms import Rooms
from helpdesk.services.slots import ModelSlots
from helpdesk.services.tickets import TicketDesk
from helpdesk.services.webhooks import Webhooks
from helpdesk.settings import Settings
from helpdesk.workers.courier import Courier, Throttle
from helpdesk.workers.janitor import Janitor

ATTEMPTS = 5


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Bring everything up in order, and take it down in reverse."""
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        sessions = await open_database(stack, settings)
        stores = await open_stores(stack, settings, sessions)
        clients = await open_clients(stack, settings)
        articles = await asyncio.to_thread(load_articles, settings.articles_path)
        webhooks = Webhooks(clients.webhooks)
        courier = Courier(webhooks, Throttle())
        rooms = Rooms()
        await start_workers(stack, courier, Janitor(rooms))
        app.state.outbox = webhooks
        app.state.resources = Resources(
            settings=settings,
            stores=stores,
            assistant=clients.assistant,
            chat=ChatCompletions(
                clients.assistant,
                model=settings.assistant_model,
                deadline=settings.assistant_deadline,
            ),
            summariser=Summariser(clients.assistant, model=settings.assistant_model),
            translator=Translator(clients.assistant, model=settings.assistant_model),
            billing=Billing(clients.billing),
            desk=TicketDesk(sessions, stores.cache, stores.feed, courier),
            conversations=Conversations(sessions),
            memory=ConversationMemory(),
            rooms=rooms,
            slots=ModelSlots(),
            limiter=RateLimiter(settings.rate_limit_per_minute),
            articles=articles,
        )
        yield


async def open_database(stack: AsyncExitStack, settings: Settings) -> Sessions:
    """Phase 1: the engine and the tables."""
    engine = build_engine(settings.database_url)
    stack.push_async_callback(engine.dispose)
    await create_tables(engine)
    return build_sessions(engine)


async def open_stores(stack: AsyncExitStack, settings: Settings, sessions: Sessions) -> Stores:
    """Phase 2: Redis, in its several roles."""
    cache_client = cache.connect(settings.cache_url)
    stack.push_async_callback(cache_client.aclose)
    await wait_for_redis(cache_client)
    presence_client = presence.connect(settings.presence_url)
    stack.push_async_callback(presence_client.aclose)
    jobs_client = cache.connect(settings.jobs_url)
    stack.push_async_callback(jobs_client.aclose)
    feed = Feed(settings.feed_url)
    stack.push_async_callback(feed.close)
    flags = FeatureFlags(settings)
    stack.callback(flags.close)
    stores = Stores(
        sessions=sessions,
        cache=cache.Cache(cache_client),
        presence=presence.Presence(presence_client),
        jobs=Jobs(jobs_client),
        feed=feed,
        flags=flags,
    )
    await stores.presence.reset()
    return stores


async def open_clients(stack: AsyncExitStack, settings: Settings) -> Clients:
    """Phase 3: the clients of other services, none of which waits for ever."""
    assistant = httpx.AsyncClient(
        base_url=settings.assistant_url,
        timeout=httpx.Timeout(5.0, read=settings.assistant_idle_limit),
    )
    billing = httpx.AsyncClient(base_url=settings.billing_url, timeout=5.0)
    key = {"X-Helpdesk-Key": settings.event_signing_key}
    webhooks = httpx.AsyncClient(base_url=settings.webhook_url, timeout=5.0, headers=key)
    for client in (assistant, billing, webhooks):
        await stack.enter_async_context(client)
    return Clients(assistant=assistant, billing=billing, webhooks=webhooks)


async def start_workers(stack: AsyncExitStack, courier: Courier, janitor: Janitor) -> None:
    """Phase 5: background tasks, which end before anything that they use is closed."""
    deliveries = asyncio.create_task(courier.run())
    rounds = asyncio.create_task(janitor.run())

    async def stop() -> None:
        courier.stop()
        janitor.stop()
        rounds.cancel()
        await asyncio.gather(deliveries, rounds, return_exceptions=True)

    stack.push_async_callback(stop)


async def wait_for_redis(redis: Redis) -> None:
    """Return when Redis answers; a few attempts, then its error."""
    for attempt in range(ATTEMPTS):
        try:
            await redis.ping()
        except RedisError:
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.2 * 2**attempt + random.random() / 10)
        else:
            return
