#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Installs the SDK of a build to a staging prefix, moves the prefix, and builds plugins there the two documented ways, with
# nothing of the source tree but a copy of the example. Both must pass the installed checker and, where a daemon is built,
# load and count in it.
# usage: check_sdk.sh SOURCE_DIR BUILD_DIR        (CC: the compiler; default cc)
source=$1
build=$2
: "${CC:=cc}"
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "check_sdk: $*" >&2
	exit 1
}

# A plugin and its area file in a running daemon: one event in, its cell in Redis. The part that knows how to start one is
# tests/sdk/count.sh EFFORTD PLUGIN_DIR AREA.conf; without it or without a daemon nothing is claimed.
count_in_daemon() {
	if [ -x "$build/bin/effortd" ] && [ -f "$source/tests/sdk/count.sh" ]; then
		sh "$source/tests/sdk/count.sh" "$build/bin/effortd" "$1" "$2" || die "effortd does not count with $1"
		echo "counts in effortd: $1"
	else
		echo "not tried in effortd: $1"
	fi
}

check() {
	"$sdk/bin/effort-plugin-check" --area "$2" "$1" >"$work/out" || { cat "$work/out"; die "$1 fails the checker"; }
	tail -n 1 "$work/out"
	symbols=$(nm -D --defined-only "$1" | awk '{ print $3 }')
	[ "$symbols" = effort_plugin ] || die "$1 exports: $symbols"
	! readelf -d "$1" | grep -q SONAME || die "$1 has a SONAME"
}

cmake --install "$build" --component sdk --prefix "$work/staging" >"$work/log" 2>&1 || { cat "$work/log"; die "install"; }
sdk=$work/moved/elsewhere
mkdir -p "$work/moved"
mv "$work/staging" "$sdk"
! grep -rIl -e "$work/staging" -e "$source" -e "$build" "$sdk" || die "the files above know where they were built"

# 1. By CMake: the example in a project of its own, and the template as it is.
mkdir "$work/example"
cp "$source/plugins/example/example.c" "$source/plugins/example/example.conf" "$work/example"
cat >"$work/example/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.20)
project(example LANGUAGES C)
include(GNUInstallDirs)
find_package(EffortPlugin 1.0 REQUIRED)
effort_add_plugin(example example.c AREA example.conf)
END
cp -r "$(find "$sdk" -type d -name plugin-template)" "$work/library"
for project in example library; do
	{
		cmake -S "$work/$project" -B "$work/$project/build" -DCMAKE_PREFIX_PATH="$sdk" -DCMAKE_C_COMPILER="$CC" \
			-DCMAKE_INSTALL_PREFIX="$sdk" && cmake --build "$work/$project/build" &&
			cmake --install "$work/$project/build"
	} >"$work/log" 2>&1 || { cat "$work/log"; die "$project by CMake"; }
	check "$work/$project/build/$project.so" "$work/$project/$project.conf"
done
count_in_daemon "$work/example/build" "$work/example/example.conf"

# A major this SDK is not, and a minor it has not, are not found.
for version in 2.0 1.9; do
	sed "s/EffortPlugin 1.0/EffortPlugin $version/" "$work/example/CMakeLists.txt" >"$work/CMakeLists.txt"
	! cmake -S "$work" -B "$work/wrong" -DCMAKE_PREFIX_PATH="$sdk" >/dev/null 2>&1 || die "found as $version"
	rm -rf "$work/wrong"
done

# 2. By pkg-config and one call of the compiler.
PKG_CONFIG_PATH=$(dirname "$(find "$sdk" -name effort-plugin.pc)")
export PKG_CONFIG_PATH
abi=$(sed -n 's/^#define EFFORT_ABI_M[AI][JN]OR //p' "$source/include/effort/plugin.h" | paste -sd.)
[ "$(pkg-config --modversion effort-plugin)" = "$abi" ] || die "pkg-config gives version $(pkg-config --modversion effort-plugin)"
mkdir "$work/plain"
# shellcheck disable=SC2046 # flags are words
"$CC" -O2 $(pkg-config --cflags effort-plugin) -o "$work/plain/example.so" "$work/example/example.c" \
	$(pkg-config --libs effort-plugin) || die "example by pkg-config"
check "$work/plain/example.so" "$work/example/example.conf"
count_in_daemon "$work/plain" "$work/example/example.conf"

# Both ways lead to the folder effortd looks in.
plugindir=$(pkg-config --variable=plugindir effort-plugin)
[ -f "$plugindir/example.so" ] || die "CMake's install did not reach $plugindir"
[ -f "$(pkg-config --variable=areasdir effort-plugin)/example.conf" ] || die "the area file was not installed"
[ "$(stat -c %a "$plugindir/example.so")" = 644 ] || die "installed with mode $(stat -c %a "$plugindir/example.so")"
