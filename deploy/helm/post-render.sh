#!/bin/sh
# Helm's post-renderer: the chart's manifests on stdin, the same with an executor beside each invoker on stdout.
# Needs kubectl 1.27 or newer, for its kustomize.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp "$here/kustomization.yaml" "$here/invoker-patch.yaml" "$work/"
cat > "$work/all.yaml"
kubectl kustomize "$work"
