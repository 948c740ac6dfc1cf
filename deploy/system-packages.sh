#!/usr/bin/env bash
# Installs the peers that the tests talk to (Orthanc, DCMTK, PixelMed's validator, Chromium, npm for the OHIF viewer) where apt and rights
# allow; otherwise says what is missing.
# In CI (CI=true) a missing peer is a failure.
set -u
missing() {
    for program in Orthanc:orthanc storescu:dcmtk storescp:dcmtk dsrdump:dcmtk chromium:chromium npm:npm; do
        PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "${program%%:*}" >/dev/null 2>&1 || echo "${program##*:}"
    done
    [ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] || echo orthanc-dicomweb
    [ -e /usr/share/java/pixelmed.jar ] || echo libpixelmed-java
    command -v java >/dev/null 2>&1 || echo default-jre-headless
}
wanted=$(missing | sort -u | tr '\n' ' ')
[ -z "${wanted// /}" ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root="none"; fi
fi
if command -v apt-get >/dev/null 2>&1 && [ "$as_root" != none ]; then
    echo "installing system packages: $wanted"
    # shellcheck disable=SC2086 # a list of package names
    $as_root env DEBIAN_FRONTEND=noninteractive sh -c \
        "apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted" >/dev/null || true
fi
wanted=$(missing | sort -u | tr '\n' ' ')
[ -z "${wanted// /}" ] && exit 0
echo "missing: ${wanted}- tests marked 'peer' that need them are left out (as root on Debian or Ubuntu: apt-get install ${wanted})"
[ "${CI:-}" != true ]
