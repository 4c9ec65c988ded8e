"""One HTTP server for many tests: starting and stopping one for each takes longer than most of them."""

import asyncio
import contextlib
import socket
import threading

import uvicorn


class Front:
    """Serves whichever application stands behind it now. The loop and the port stay."""

    def __init__(self):
        self._app = None
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._server = uvicorn.Server(uvicorn.Config(self, lifespan="off", log_level="error", timeout_keep_alive=5))
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()

    async def __call__(self, scope, receive, send):
        await self._app(scope, receive, send)

    @contextlib.contextmanager
    def serving(self, app):
        """From an application's start to its end."""
        lifespan = app.router.lifespan_context(app)
        self._await(lifespan.__aenter__())
        self._app = app
        try:
            yield
        finally:
            self._await(lifespan.__aexit__(None, None, None))

    def close(self):
        self._server.should_exit = True
        self._thread.join(30)

    def _run(self, listener):
        with listener:
            self._loop.run_until_complete(self._server.serve([listener]))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _await(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
