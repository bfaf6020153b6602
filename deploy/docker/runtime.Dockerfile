# The runtime image, and the executor's: three static programs and nothing else.
#
#   docker build -f deploy/docker/runtime.Dockerfile -t wow/action-wasm-v1 .
#
# In a runtime image `/wow runtime` is one action on port 8080; `/wow executor` in the same image is the
# invoker's neighbour (deploy/helm).

FROM rust:1.95 AS build
WORKDIR /wow
COPY . .
# Static: there is no dynamic linker in the image.
RUN cargo xtask release \
 && mkdir -p /image/tmp /users/cache \
 && cp target/dist/* /image/ \
 && chmod 1777 /image/tmp \
 && chmod 0700 /users/cache

FROM scratch
COPY --from=build /image /
# The host opens no cache of somebody else, and the programs are not its to change.
COPY --from=build --chown=1000:1000 /users /
USER 1000:1000
EXPOSE 8080
# A mounted folder here is a cache that many containers share; without one each container compiles what it
# is given (docs/operating.md, "The runtime image's cache").
ENV WOW_CACHE=/cache
ENTRYPOINT ["/wow"]
CMD ["runtime"]
