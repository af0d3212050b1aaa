"""Attachments are scanned before anybody opens them."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends

from helpdesk.dependencies import AgentDep, ResourcesDep
from helpdesk.schemas import Upload
from helpdesk.services.scanner import Scanner

router = APIRouter(prefix="/api/attachments", tags=["attachments"])


async def get_scanner(resources: ResourcesDep) -> AsyncIterator[Scanner]:
    """A connection to the scanner, for one request."""
    scanner = Scanner(resources.settings.scanner_host, resources.settings.scanner_port)
    try:
        yield scanner
    finally:
        scanner.close()


@router.post("/scan")
async def scan(
    upload: Upload, scanner: Annotated[Scanner, Depends(get_scanner)], agent: AgentDep
) -> dict[str, bool]:
    """Is the attachment clean?"""
    return {"clean": await asyncio.to_thread(scanner.scan, b64decode(upload.content))}
