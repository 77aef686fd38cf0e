# shellcheck shell=bash
# Set-up shared by scripts/talk and scripts/test: system packages, a Python, an environment in
# the checkout, pinned packages, models. Sourced, not run. Works with bash 3.2 (macOS).
# Every step looks first and does only what is missing, so an interrupted set-up is simply
# started again. What was done is remembered in a stamp inside the environment.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VENV=$ROOT/.venv
LOG=$ROOT/.venv-setup/log
LOCK=$ROOT/.venv-setup/lock
STEPS=4
STEP=0

# shellcheck source=scripts/lib/system.sh
. "$ROOT/scripts/lib/system.sh"
# shellcheck source=scripts/lib/packages.sh
. "$ROOT/scripts/lib/packages.sh"

step() {
  STEP=$((STEP + 1))
  printf '[%d/%d] %s (%d s)\n' "$STEP" "$STEPS" "$1" "$SECONDS"
}

note() { printf '      %s\n' "$1"; }

die() {
  printf '\n%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# What a stamp stands for: the place of the checkout and all that decides what is installed.
fingerprint() {
  {
    printf '%s\n' "$ROOT"
    cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt" "$ROOT"/scripts/lib/*.sh
    cat "$ROOT"/models/*.toml 2>/dev/null || true
  } | cksum
}

# Is the set-up of this kind ("talk" or "test") done and unchanged? "test" holds "talk" as well.
is_set_up() {
  local kind want
  [ -x "$VENV/bin/python" ] || return 1
  want=$(fingerprint)
  for kind in test "$1"; do
    if [ -f "$VENV/set-up-$kind" ]; then
      { read -r got && read -r models; } <"$VENV/set-up-$kind" || continue
      if [ "$got" = "$want" ] && [ -d "$models" ]; then return 0; fi
    fi
    [ "$1" = test ] && return 1
  done
  return 1
}

# The stamp also names a folder of the default models: without it they are fetched again.
mark_set_up() {
  local models
  models=$("$VENV/bin/voice-regen" models path whisper:base) ||
    die "the models are not where they should be." "Run: .venv/bin/voice-regen models verify"
  printf '%s\n%s\n' "$(fingerprint)" "$models" >"$VENV/set-up-$1"
}

# One set-up at a time in a checkout; a lock left by one that was killed is taken over.
take_lock() {
  local owner
  mkdir -p "$ROOT/.venv-setup"
  until mkdir "$LOCK" 2>/dev/null; do
    owner=$(cat "$LOCK/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; then
      note "another set-up (process $owner) is at work in this checkout: waiting"
      sleep 5
    else
      sleep 1
      [ "$(cat "$LOCK/pid" 2>/dev/null || true)" = "$owner" ] && rm -rf "$LOCK"
    fi
  done
  echo $$ >"$LOCK/pid"
  trap 'rm -rf "$LOCK"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

drop_lock() {
  rm -rf "$LOCK"
  trap - EXIT INT TERM
}

# An environment that was moved, broken off or made by a Python that is gone is made anew.
make_environment() {
  local made_for=
  if [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    made_for=$(cat "$VENV/checkout" 2>/dev/null || true)
    if [ "$made_for" = "$ROOT" ] && "$VENV/bin/python" -c "$ENOUGH"; then
      note "already there: .venv"
      return
    fi
  fi
  if [ -e "$VENV" ]; then
    [ -f "$VENV/pyvenv.cfg" ] || [ -z "$(ls -A "$VENV")" ] ||
      die "$VENV exists and is not a Python environment." "Move it away, then start again."
    note "making .venv anew"
    rm -rf "$VENV"
  fi
  "$PYTHON" -m venv "$VENV" >>"$LOG" 2>&1 ||
    die "could not make the environment .venv with $PYTHON." "$(tail -n 3 "$LOG")"
  printf '%s\n' "$ROOT" >"$VENV/checkout"
}

fetch_models() {
  "$VENV/bin/voice-regen" models fetch "$@" ||
    die "the models could not all be fetched." \
      "What came through is kept: run this command again to go on from there."
}

# set_up talk|test
set_up() {
  if is_set_up "$1"; then return; fi
  take_lock
  : >"$LOG"
  printf 'Setting up voice_regen in %s (log: .venv-setup/log)\n' "$ROOT"
  step "System packages"
  system_packages "$1"
  step "Python environment"
  note "$("$PYTHON" --version 2>&1), $PYTHON"
  make_environment
  step "Python packages"
  "packages_for_$1"
  step "Models"
  if [ "$1" = test ]; then fetch_models --all-embedded; else fetch_models; fi
  mark_set_up "$1"
  printf '[done] set up in %d s; %s of packages\n' "$SECONDS" "$(du -sh "$VENV" | cut -f1)"
  drop_lock
}
