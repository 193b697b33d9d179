#!/usr/bin/env bash
# Plays other people's troubles on two replicas behind bad networks, beside writers and devices, and compares the copies
# at the end: silent, lossy, slow and reset connections, held locks, cancelled statements, killed sessions, a crashing
# server, a full disk, killed and stopped replicas, clocks that jump, clients that vanish.
#
#   scripts/faults.sh [--seed 1] [--runs 1] [--seconds 120] [--devices 6]
#
# --seed     of the first run; each run after it has the next one
# --runs     how many
# --seconds  for which troubles are played in each
# --devices  that follow; a long run: --runs 10 --seconds 600 --devices 20
#
# A full disk needs root (a tmpfs is mounted), a jumping clock a C compiler (cc); what cannot be played is said.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/requirements.sh

seed=1 runs=1 seconds=120 devices=6
while [ $# -gt 0 ]; do
    case "$1:${2:-}" in
        --seed:[0-9]*) seed=$2 ;;
        --runs:[0-9]*) runs=$2 ;;
        --seconds:[0-9]*) seconds=$2 ;;
        --devices:[0-9]*) devices=$2 ;;
        *) echo "usage: scripts/faults.sh [--seed N] [--runs N] [--seconds N] [--devices N]" >&2; exit 64 ;;
    esac
    shift 2
done

swift build --build-tests
for ((run = 0; run < runs; run++)); do
    CHANGEFEED_FAULTS_SEED=$((seed + run)) CHANGEFEED_FAULTS_SECONDS=$seconds CHANGEFEED_FAULTS_DEVICES=$devices \
        swift test --skip-build --filter '^ChangeFeedCommandTests\.FaultTests/'
done
