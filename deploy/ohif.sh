#!/usr/bin/env bash
# Unpacks the OHIF viewer, as its npm package ships it, into a folder that only the browser tests read. Prints the folder.
set -euo pipefail
version=3.13.2
folder="${XDG_CACHE_HOME:-$HOME/.cache}/lumbar-node/ohif-$version"
if [ ! -e "$folder/package/dist/index.html" ]; then
    mkdir -p "$folder"
    (cd "$folder" && npm pack --silent "@ohif/app@$version" >/dev/null && tar xzf "ohif-app-$version.tgz" && rm "ohif-app-$version.tgz")
fi
echo "$folder/package/dist"
