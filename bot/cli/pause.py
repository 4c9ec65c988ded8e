"""`batea pause`, `batea resume`: stop at once whatever nobody asked for, and let it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.domain.store import Store, UnitOfWork

app = typer.Typer(help="Stop at once all messages and calls that nobody asked for.", invoke_without_command=True)

Territory = Annotated[str, typer.Option(help="Only this territory (a group of communities); without it, everywhere.")]


@app.callback()
def pause(context: typer.Context, territory: Territory = "") -> None:
    """Stop at once all messages and calls that nobody asked for. Replies still go; what is stopped waits, until it expires."""
    if context.invoked_subcommand is not None:
        return
    from bot import wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    territory = territory.strip()
    now = SystemClock().now()

    def work(uow: UnitOfWork) -> None:
        if territory:
            _check(uow, territory)
        uow.pauses.begin(territory, now)

    with wiring.database(load()) as store:
        store.submit(work).result()
        _report(store)


@app.command(name="resume")
def resume(territory: Territory = "") -> None:
    """Let go on what `batea pause` stopped: one territory, or everything."""
    from bot import wiring  # noqa: PLC0415
    from bot.domain.clock import SystemClock  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    territory = territory.strip()

    def work(uow: UnitOfWork) -> None:
        if territory:
            _check(uow, territory)
        uow.pauses.end(territory or None)

    with wiring.database(load()) as store:
        store.submit(work).result()
        now = SystemClock().now()
        # In pieces, so that whoever writes meanwhile is answered. What another pause stops is put aside again.
        while store.submit(lambda uow: uow.outbox.resume(now)).result():
            pass
        _report(store)


@app.command(name="list")
def show() -> None:
    """What is paused now."""
    from bot import wiring  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    with wiring.database(load()) as store:
        _report(store)


def _check(uow: UnitOfWork, territory: str) -> None:
    """Raise UsageError for a territory that there is not."""
    known = sorted({community.territory for community in uow.communities.all()})
    if territory not in known:
        raise UsageError(f"there is no territory {territory!r}: use one of {', '.join(known) or '(there are none yet)'}")


def _report(store: Store) -> None:
    pauses = store.submit(lambda uow: uow.pauses.all()).result()
    for one in pauses:
        typer.echo(f"paused: {one.territory or 'everywhere'}, since {one.since:%Y-%m-%d %H:%M} UTC")
    if not pauses:
        typer.echo("nothing is paused")
