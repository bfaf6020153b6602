# An invoker with the stand-in in docker's place: OpenWhisk's own image, one file replaced.
#
#   docker build -f deploy/docker/invoker.Dockerfile -t wow/invoker .
#
# The image's docker moves aside and stays reachable: `docker = "/usr/local/libexec/docker"` in
# /etc/wow/docker.toml lets other kinds run beside kind `wasm:1`.

ARG INVOKER=openwhisk/invoker:nightly
ARG RUNTIME=wow/action-wasm-v1:latest

FROM ${RUNTIME} AS wow

FROM ${INVOKER}
USER root
RUN mkdir -p /usr/local/libexec \
 && if [ -e /usr/bin/docker ]; then mv /usr/bin/docker /usr/local/libexec/docker; fi
COPY --from=wow /wow-docker /usr/bin/docker
# Where `use-runc` is on, the invoker pauses with it.
COPY --from=wow /wow-docker /usr/bin/runc
COPY deploy/docker.toml /etc/wow/docker.toml
