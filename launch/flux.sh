#!/usr/bin/env bash
# A training job for Flux. Copy it, change the #flux lines to your cluster, and submit:
#
#   flux batch launch/flux.sh configs/helix.yaml --output runs/helix
#
# All arguments go to `portolan train`. USR1 comes two minutes before the time ends: the ranks write a
# checkpoint and end with status 75. Submit the same command again to go on.
#
#flux: --job-name=portolan
#flux: --nslots=8
#flux: --cores-per-slot=1
#flux: --time-limit=4h
#flux: --signal=USR1@2m
#flux: --output=portolan-{{id}}.log
set -uo pipefail

# shellcheck source=launch/job
source launch/job

# Debian's Open MPI speaks Flux's process interface, so Flux starts the ranks itself: as many as
# --nslots above. Should they not find each other, Portolan refuses to start and says so.
id=$(flux submit --ntasks="${RANKS:-8}" --cores-per-task=1 "$portolan" train "$@" --resume)
# `flux job attach` shows the job and returns its status; signals go to the job by its number.
# shellcheck disable=SC2317  # called by run_until_stopped
warn() { flux job kill --signal=USR1 "$id"; }
run_until_stopped flux job attach "$id"
status=$?
[ "$status" -ne 75 ] || echo "portolan: stopped with a checkpoint; submit again to go on"
exit "$status"
