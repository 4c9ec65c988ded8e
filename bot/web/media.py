"""Voice notes and pictures behind signed addresses, for vendors that fetch them and for the simulator."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

TYPES = {".ogg": "audio/ogg", ".wav": "audio/wav", ".mp3": "audio/mpeg", ".png": "image/png"}


async def clip(request: Request) -> Response:
    """One file. A bad or old signature gets 403, a file that is gone 404."""
    links = request.app.state.batea.clip_links
    path = links.open(request.path_params["token"])
    if path is None:
        return PlainTextResponse("forbidden", status_code=403)
    if not path.is_file() or path.suffix not in TYPES:
        return PlainTextResponse("not found", status_code=404)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "private, max-age=86400"})
