#!/usr/bin/env bash
# A training job for PBS (PBS Professional, OpenPBS). Copy it, change the #PBS lines, and submit:
#
#   qsub -v ARGUMENTS="configs/helix.yaml --output runs/helix" launch/pbs.sh
#
# The words of ARGUMENTS go to `portolan train`. qsub passes no arguments, hence the variable.
# On TERM (end of time, qdel, preemption) the ranks write a checkpoint and end with status 75. Submit
# the same command again to go on; a requeue (-r y) by PBS itself goes on too.
#
#PBS -N portolan
#PBS -l select=1:ncpus=8:mpiprocs=8
#PBS -l walltime=04:00:00
#PBS -j oe
#PBS -r y
set -uo pipefail

cd "${PBS_O_WORKDIR:?start this script with qsub}" || exit 66
# shellcheck source=launch/job
source launch/job
read -r -a arguments <<<"${ARGUMENTS:-}"

# Debian's Open MPI is built without support for PBS: it learns the nodes from the node file, which
# has a line for each rank, and reaches them by ssh.
run_until_stopped mpirun --hostfile "$PBS_NODEFILE" -n "$(wc -l <"$PBS_NODEFILE")" \
  "${options[@]}" "$portolan" train "${arguments[@]}" --resume
status=$?
[ "$status" -ne 75 ] || echo "portolan: stopped with a checkpoint; submit again to go on"
exit "$status"
