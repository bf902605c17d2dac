#!/usr/bin/env bash
# Removes a workload and its data from every region: shows what goes, asks, removes it, and tells what is left.
# playbooks/destroy.yml takes the steps of pipeline.sh in the reverse order by itself, since a part of it would leave
# the rest broken. docs/pipelines.md explains it.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

inventory=inventories/multiregion
workload=
active=
approved=

refuse() { # refuse WORDS…: say why nothing was done, and end
  printf 'pipeline-destroy: %s Nothing was changed.\n' "$*" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    -i | -w | -a)
      [ -n "${2:-}" ] || refuse "$1 needs a value."
      case $1 in -i) inventory=$2 ;; -w) workload=$2 ;; -a) active=$2 ;; esac
      shift
      ;;
    -y) approved=true ;;
    *)
      echo "usage: pipelines/pipeline-destroy.sh [-i INVENTORY] -w WORKLOAD -a ACTIVE-REGION[,…] [-y]" >&2
      refuse "-w names the workload that is removed, -a its ACTIVE regions; -y goes on without asking."
      ;;
  esac
  shift
done
[ -e "$inventory" ] || refuse "There is no inventory $inventory."
[ -n "$workload" ] || refuse "Name the workload that is to be removed: -w."

destroy() { # destroy OPTION…
  ansible-playbook playbooks/destroy.yml -i "$inventory" -e "destroy=$workload" -e "destroy_active=$active" "$@"
}

destroy --check
[ -n "$approved" ] || [ -t 0 ] || refuse "This was the plan. Nobody can be asked here: to go on, add -y."
# At a terminal the playbook asks for the name of the workload itself.
if [ -n "$approved" ]; then destroy -e approve=true; else destroy; fi
