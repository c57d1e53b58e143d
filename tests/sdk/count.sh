#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# count.sh EFFORTD PLUGIN_DIR AREA.conf: starts an effortd with that plugin and area alone and its own Redis, sends it one
# event the area claims, and succeeds when the event's cell is in Redis.
set -eu
effortd=$1 plugins=$(realpath "$2") area=$(realpath "$3")
here=$(dirname "$(realpath "$0")")
PYTHONDONTWRITEBYTECODE=1 EFFORT_BUILD=$(dirname "$(dirname "$(realpath "$effortd")")") \
	exec /usr/bin/python3 - "$plugins" "$area" "$here/../integration" <<'PY'
import os, re, shutil, sys

plugins, area, harness = sys.argv[1:]
sys.path.insert(0, harness)
from harness import Effortd, event

text = open(area).read()
name = re.search(r'^area\s*=\s*"([^"]+)"', text, re.M).group(1)
kle = re.search(r'^kle\s*=\s*\(\s*(?:\{\s*prefix\s*=\s*)?"([^"]+)"', text, re.M).group(1)
with Effortd(start=False) as e:
    areas = os.path.join(e.folder, "areas")
    os.mkdir(areas)
    shutil.copy(area, areas)
    e.settings.update({"areas_dir": areas, "plugins.dir": plugins})
    e.start()
    e.send(event(kle=(kle + ".01.01")[:8] if len(kle) < 8 else kle))
    e.wait_counted(1)
    share = e.share("dk", label="day:2026-03-10")
    assert share.get(name + ".contacts") == "1", share
PY
