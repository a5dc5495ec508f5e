#!/usr/bin/env bash
# Packs both executables for Debian: deploy/debian/build.sh GATEWAY LOCAL DIRECTORY
#
# They should be release builds with --static-swift-stdlib, so that nothing but Debian's own libraries is needed; those
# become the packages' dependencies. The version is the gateway's own.
set -euo pipefail
gateway=$(realpath "$1")
local_service=$(realpath "$2")
mkdir -p "$3"
output=$(realpath "$3")
cd "$(dirname "$0")/.."

architecture=$(dpkg --print-architecture)
version=$("$gateway" --version | awk '{ print $2 }')
# Builds of one commit are alike.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What dpkg-shlibdeps finds it to link, with the versions that Debian's symbols files ask for.
dependencies() {
    mkdir -p "$work/shlibs/debian"
    touch "$work/shlibs/debian/control"
    (cd "$work/shlibs" && dpkg-shlibdeps -O --warnings=0 "$1" 2>/dev/null) | sed 's/^shlibs:Depends=//'
}

# The folder of a package with its executable, manual pages, completions and unit files in it.
stage() {
    local package=$1 executable=$2
    local tree=$work/$package
    install -D -m 755 "$executable" "$tree/usr/bin/$package"
    strip --strip-unneeded "$tree/usr/bin/$package"
    debian/man.py "$tree/usr/bin/$package" "$tree/usr/share/man/man1" "$version"
    install -d "$tree/usr/share/bash-completion/completions" "$tree/usr/share/zsh/vendor-completions" \
        "$tree/usr/share/fish/vendor_completions.d"
    "$executable" --generate-completion-script bash >"$tree/usr/share/bash-completion/completions/$package"
    "$executable" --generate-completion-script zsh >"$tree/usr/share/zsh/vendor-completions/_$package"
    "$executable" --generate-completion-script fish >"$tree/usr/share/fish/vendor_completions.d/$package.fish"
    for unit in systemd/"$package".*; do
        install -D -m 644 "$unit" "$tree/lib/systemd/system/$(basename "$unit")"
    done
    local docs=$tree/usr/share/doc/$package
    install -D -m 644 debian/copyright "$docs/copyright"
    printf '%s (%s) unstable; urgency=medium\n\n  * Built from the sources of this version.\n\n -- %s  %s\n' \
        "$package" "$version" "$(sed -n 's/^Maintainer: //p' "debian/$package/control.in")" \
        "$(date -u -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$docs/changelog.gz"
    mkdir -p "$tree/DEBIAN"
    for script in postinst prerm postrm; do
        sed "s/@PACKAGE@/$package/g" "debian/$script.in" >"$tree/DEBIAN/$script"
        chmod 755 "$tree/DEBIAN/$script"
    done
}

pack() {
    local package=$1
    local tree=$work/$package
    sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$architecture/" -e "s/@SIZE@/$(du -sk "$tree" | cut -f1)/" \
        -e "s/@DEPENDS@/$(dependencies "$tree/usr/bin/$package")/" "debian/$package/control.in" >"$tree/DEBIAN/control"
    (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    chmod -R u=rwX,go=rX "$tree"
    dpkg-deb --build --root-owner-group "$tree" "$output/${package}_${version}_${architecture}.deb"
}

stage mltraining-gateway "$gateway"
tree=$work/mltraining-gateway
install -D -m 644 debian/mltraining-gateway/gateway.yaml "$tree/etc/mltraining-gateway/gateway.yaml"
install -d "$tree/etc/mltraining-gateway/keys"
install -D -m 644 debian/mltraining-gateway/mltraining-gateway.sysusers "$tree/usr/lib/sysusers.d/mltraining-gateway.conf"
echo /etc/mltraining-gateway/gateway.yaml >"$tree/DEBIAN/conffiles"
pack mltraining-gateway
stage mltraining-local "$local_service"
pack mltraining-local
