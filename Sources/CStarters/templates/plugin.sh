#!/bin/sh
# The plugin @NAME@ for vexport: it is started once an interval, prints metrics and ends with status 0.
set -eu

cat << END
# HELP @METRIC@_start_timestamp_seconds When @NAME@ was started last.
# TYPE @METRIC@_start_timestamp_seconds gauge
@METRIC@_start_timestamp_seconds $(date +%s)
END
