"""Every error that tradealloc raises on purpose; each carries the exit status of the command line."""

from __future__ import annotations

from typing import ClassVar


class TradeallocError(Exception):
    """Base of all errors raised on purpose: one sentence for a trader, with the remedy."""

    exit_status: ClassVar[int] = 2


class InputError(TradeallocError):
    """An argument, cell or option holds something that can't be used.

    Parameters
    ----------
    problem
        What is wrong and what to do: the sentence that goes on after the place ("is -1: give a number above 0").
    argument
        Name of the offending argument ("beta").
    position
        Zero-based index into the argument where it is an array.
    value
        The offending value as it arrived.
    where
        Place as the user sees it ("Inputs!C5"); takes the place of ``argument[position]`` in the text.
    """

    def __init__(
        self,
        problem: str,
        *,
        argument: str = "",
        position: int | None = None,
        value: object = None,
        where: str = "",
    ) -> None:
        self.problem = problem
        self.argument = argument
        self.position = position
        self.value = value
        self.where = where
        super().__init__(problem)

    def __str__(self) -> str:
        index = "" if self.position is None else f"[{self.position}]"
        place = self.where or f"{self.argument}{index}"
        return f"{place} {self.problem}" if place else self.problem

    def at(self, where: str) -> InputError:
        """The same error, placed where the user can find it."""
        return InputError(self.problem, argument=self.argument, position=self.position, value=self.value, where=where)


class InfeasibleError(TradeallocError):
    """The limits leave no schedule that trades exactly the order.

    Parameters
    ----------
    message
        Which limits clash and by how many shares.
    limits
        Names of the limits that clash ("participation", "max_shares", ...).
    short
        Shares by which the order misses the feasible range (positive).
    """

    exit_status = 3

    def __init__(self, message: str, *, limits: tuple[str, ...] = (), short: float = 0.0) -> None:
        self.limits = limits
        self.short = short
        super().__init__(message)


class SolverError(TradeallocError):
    """A solver stopped short of its stated tolerance; nothing is relaxed silently.

    Parameters
    ----------
    message
        Which solver, what it reached, and which method to use instead.
    best
        The best point found, as a diagnostic only.
    """

    def __init__(self, message: str, *, best: object = None) -> None:
        self.best = best
        super().__init__(message)


class WorkbookError(TradeallocError):
    """A file can't be read, or can't be written without losing something of the user's."""

    exit_status = 4


class TradeallocWarning(UserWarning):
    """Something the trader should know about a result that is nevertheless correct."""
