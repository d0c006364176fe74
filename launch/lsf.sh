#!/usr/bin/env bash
# A training job for LSF. Copy it, change the #BSUB lines to your cluster, and submit:
#
#   bsub -env "all, ARGUMENTS=configs/helix.yaml --output runs/helix" < launch/lsf.sh
#
# The words of ARGUMENTS go to `portolan train`. USR1 comes ten minutes before the time ends (-wt, -wa):
# the ranks write a checkpoint and end with status 75, and LSF queues the job again (-Q). `bkill` may
# send KILL at once to a parallel job; then at most checkpoints.everySeconds of work are lost.
#
#BSUB -J portolan
#BSUB -n 8
#BSUB -R "span[ptile=8]"
#BSUB -W 4:00
#BSUB -wt 10
#BSUB -wa USR1
#BSUB -r
#BSUB -Q "75"
#BSUB -o portolan-%J.log
set -uo pipefail

cd "${LS_SUBCWD:?start this script with bsub}" || exit 66
# shellcheck source=launch/job
source launch/job
read -r -a arguments <<<"${ARGUMENTS:-}"

# The host file of LSF has a line for each rank.
run_until_stopped mpirun --hostfile "$LSB_DJOB_HOSTFILE" -n "$(wc -l <"$LSB_DJOB_HOSTFILE")" \
  "${options[@]}" "$portolan" train "${arguments[@]}" --resume
status=$?
exit "$status"
