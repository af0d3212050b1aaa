"""What a campaign starts in the project's interpreter: `python -m greenroom.campaign.inside DESCRIPTOR`."""

import os
import sys
from socket import socket

from greenroom.campaign.inside import children
from greenroom.campaign.inside.privacy import end_with_parent
from greenroom.campaign.inside.unique import NUMBER
from greenroom.campaign.messages import Channel, unpack_order


def main(descriptor: int) -> None:
    """Take the order, and do it."""
    children.withdraw()
    for name in ("PYTEST_CURRENT_TEST", "GREENROOM_RUN"):
        os.environ.pop(name, None)
    own = socket(fileno=descriptor)
    own.set_inheritable(False)
    channel = Channel(own)
    message = channel.receive()
    if message is None:
        return
    end_with_parent()
    order = unpack_order(message[1])
    if order.slot is not None:
        os.environ[NUMBER] = f"gw{order.slot}"
    sys.argv = ["pytest", *order.arguments]
    if order.warm:
        from greenroom.campaign.inside.warm import Warm  # noqa: PLC0415  - loads pytest

        Warm(order, channel).run()
    else:
        from greenroom.campaign.inside.cold import Cold  # noqa: PLC0415

        Cold(order, channel).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
