FROM swift:6.2-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends libpq-dev pkg-config zlib1g-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY sql sql
COPY docs docs
COPY scripts scripts
# docker build --build-arg CHANGEFEED_COMMIT=$(git rev-parse --short=12 HEAD): the image gets no .git.
ARG CHANGEFEED_COMMIT=
RUN install -D "$(scripts/build.sh --static)" /out/changefeed

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 zlib1g ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system changefeed
COPY --from=build /out/changefeed /usr/local/bin/changefeed
USER changefeed
ENV CHANGEFEED_HOST=0.0.0.0
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["changefeed", "ready"]
ENTRYPOINT ["changefeed"]
CMD ["serve"]
