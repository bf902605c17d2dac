#!/usr/bin/env bash
# Delivers what is checked out to the regions of a workload: all steps, or the one that is named. docs/pipelines.md
# explains them; .github/workflows/multiregion.yml calls them by name, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

steps=(lint plan pre regions post)
inventory=inventories/multiregion
reason=${PIPELINE_REASON:-}
tag=
approved=

usage() {
  cat <<END
usage: pipelines/pipeline.sh [-i INVENTORY] [-r REASON] [-t TAG] [-y] [STEP [REGION]] [-- ANSIBLE-OPTION…]

  -i  the inventory; $inventory unless said
  -r  why, for the record; or the variable PIPELINE_REASON. The steps after the plan need one
  -t  the tag of the images; the first 12 characters of the commit unless said
  -y  all steps: go on after the plan without asking

steps: ${steps[*]}. Without one, all of them in this order. \`plan us-east-1\` plans one region.
\`list\` prints the steps, \`matrix\` the regions as JSON. What follows -- goes to every ansible-playbook.
END
}

refuse() { # refuse WORDS…: say why nothing was done, and end
  printf 'pipeline: %s Nothing was changed.\n' "$*" >&2
  exit 2
}

play() { # play PLAYBOOK… OPTION…
  ansible-playbook -i "$inventory" "$@" "${options[@]}"
}

regions_of_inventory() { # one a line, in the order of the inventory
  ansible-inventory -i "$inventory" --list | python3 -c 'import json, sys
print(*json.load(sys.stdin).get("regions", {}).get("hosts", []), sep="\n")'
}

image_tag() { printf '%s' "${tag:-$(git rev-parse --short=12 HEAD)}"; }

ask_reason() { [ -n "$reason" ] || refuse "A delivery is recorded, and other operators read why: say it with -r."; }

quoted() { python3 -c 'import json, sys; print(json.dumps({sys.argv[1]: sys.argv[2]}))' "$1" "$2"; } # NAME VALUE → JSON

lint() {
  yamllint --strict "$inventory"
  ansible-playbook --syntax-check -i "$inventory" \
    playbooks/build.yml playbooks/site.yml playbooks/deliver.yml playbooks/status.yml playbooks/report.yml
}

# Both in one run, so that the regions are planned with the images that would be built.
plan_region() {
  play playbooks/build.yml playbooks/site.yml --check --diff --limit "$1,control" -e "image_tag=$(image_tag)"
}

plan() {
  local region
  if [ -n "${1:-}" ]; then
    regions_of_inventory | grep -qx -- "$1" || refuse "$1 is no region of $inventory: $(regions_of_inventory | xargs)."
    plan_region "$1"
    return
  fi
  for region in $(regions_of_inventory); do
    plan_region "$region"
  done
}

pre() {
  ask_reason
  play playbooks/build.yml -e "image_tag=$(image_tag)"
  play playbooks/site.yml --tags data
}

regions() {
  ask_reason
  play playbooks/deliver.yml -e "image_tag=$(image_tag)" -e "$(quoted reason "$reason")" -e approve=true
}

post() {
  play playbooks/site.yml --tags verify
  play playbooks/status.yml
  play playbooks/report.yml -e last=1
}

approve() {
  [ -z "$approved" ] || return 0
  [ -t 0 ] || refuse "This was the plan. Nobody can be asked here: to go on, add -y."
  local answer
  read -r -p "Type yes to carry out this plan: " answer
  [ "$answer" = yes ] || refuse "Not approved."
}

words=()
options=()
while [ $# -gt 0 ]; do
  case $1 in
    -i | -r | -t)
      [ -n "${2:-}" ] || refuse "$1 needs a value."
      case $1 in -i) inventory=$2 ;; -r) reason=$2 ;; -t) tag=$2 ;; esac
      shift
      ;;
    -y) approved=true ;;
    -h | --help)
      usage
      exit
      ;;
    --)
      shift
      options=("$@")
      break
      ;;
    -*) refuse "$1 is no option; -h lists them." ;;
    *) words+=("$1") ;;
  esac
  shift
done
[ -e "$inventory" ] || refuse "There is no inventory $inventory."

case ${words[0]:-} in
  list) printf '%s\n' "${steps[@]}" ;;
  matrix) regions_of_inventory | python3 -c 'import json, sys; print(json.dumps(sys.stdin.read().split()))' ;;
  "")
    ask_reason
    for step in "${steps[@]}"; do
      printf '\n=== %s\n' "$step"
      "$step"
      if [ "$step" = plan ]; then approve; fi
    done
    ;;
  *)
    [[ " ${steps[*]} " = *" ${words[0]} "* ]] || refuse "${words[0]} is no step; steps are ${steps[*]}."
    [ "${#words[@]}" = 1 ] || [ "${words[0]}" = plan ] || refuse "Only plan takes a region."
    "${words[0]}" "${words[@]:1:1}"
    ;;
esac
