"""The requests of the front end as plain data, for reports."""

from collections.abc import Iterator

from greenroom.model.call import Call
from greenroom.project.contract.join import Contract


def asked_calls(contract: Contract) -> Iterator[Call]:
    """Each with what becomes of it, in the order of the files."""
    for answer in contract.answers:
        call = answer.call
        address = min(call.addresses, key=lambda each: (bool(each.base), not each.certain))
        yield Call(
            kind=call.kind, method=call.method, base=address.base, path=address.path, file=call.path, line=call.line,
            symbol=call.symbol, status=answer.status,
            routes=tuple(f"{route.method} {route.path}" for route in answer.routes) if answer.status == "served" else (),
        )  # fmt: skip
