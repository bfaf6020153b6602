# The runtime image, and the executor's: two static programs and nothing else.
#
#   docker build -f deploy/docker/runtime.Dockerfile -t wow/action-wasm-v1 .
#
# In a runtime image `/wow runtime` is one action on port 8080; `/wow executor` in the same image is the
# invoker's neighbour (deploy/helm).

FROM rust:1.95 AS build
WORKDIR /wow
COPY . .
# Static: there is no dynamic linker in the image. With --target the flag is for the programs alone, and not
# for the procedural macros that the compiler loads. The compiler is built by itself: cargo merges the
# features of what one command builds, and the host would link it. Relocations are packed: as a plain table
# they are 600 KB that every start reads. glibc knows them so from 2.36 on.
ENV RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs"
RUN target="$(rustc -vV | sed -n 's/^host: //p')" \
 && cargo build --locked --release --target "$target" -p wow-compile \
 && cargo build --locked --release --target "$target" -p wow \
 && cargo build --locked --profile docker-cli --target "$target" -p wow-docker \
 && mkdir -p /image/cache /image/tmp \
 && cp "target/$target/release/wow" "target/$target/release/wow-compile" \
       "target/$target/docker-cli/wow-docker" /image/ \
 && chown 1000:1000 /image/cache \
 && chmod 0700 /image/cache \
 && chmod 1777 /image/tmp

FROM scratch
COPY --from=build /image /
USER 1000:1000
EXPOSE 8080
# A mounted folder here is a cache that many containers share; without one each container compiles what it
# is given (docs/operating.md, "The runtime image's cache").
ENV WOW_CACHE=/cache
ENTRYPOINT ["/wow"]
CMD ["runtime"]
