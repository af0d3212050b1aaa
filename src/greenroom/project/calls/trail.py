"""What an answer rests on."""


class Trail:
    """The modules that were looked at while something was being found out.

    Whoever keeps an answer notes its trail beside it, and adds it to the current one each time that the
    answer is given again. So an answer can be kept for another run: it holds while none of these changed.
    """

    __slots__ = ("_same", "cyclic", "seen")

    def __init__(self) -> None:
        self.seen = 0
        """A bit for each module, see `Module.bit`."""
        self.cyclic = False
        """Whether something was left out because it was just being asked for."""
        self._same: dict[int, int] = {}

    def noted(self) -> int:
        """What was seen, to be kept: equal ones as one object, since there are many and they are long."""
        return self._same.setdefault(self.seen, self.seen)
