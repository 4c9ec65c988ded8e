"""The command line: thin faces over `bot.wiring`. Rooms are imported when a command runs, so that `--help` is quick."""
