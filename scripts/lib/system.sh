# shellcheck shell=bash
# What must come from the system: a Python of at least 3.11 with venv and headers, PortAudio,
# a C compiler (PyAudio is built from source on Linux), and for the tests a PulseAudio server.

ENOUGH='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
COMPLETE='import ensurepip, os, sysconfig, venv, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'

# Sets PYTHON to a usable one, best first: the version the pins were tested with.
find_python() {
  local name check
  for check in "$COMPLETE" 'pass'; do
    for name in ${VOICE_REGEN_PYTHON:-python3.11 python3.12 python3.13 python3}; do
      if command -v "$name" >/dev/null 2>&1 && "$name" -c "$ENOUGH" >/dev/null 2>&1 &&
        "$name" -c "$check" >/dev/null 2>&1; then
        PYTHON=$("$name" -c 'import sys; print(sys.executable)')
        return 0
      fi
    done
  done
  return 1
}

system_packages() {
  if [ "$(uname -s)" = Darwin ]; then
    packages_from_brew "$1"
  elif command -v apt-get >/dev/null 2>&1; then
    packages_from_apt "$1"
  else
    check_by_hand
  fi
}

packages_from_apt() {
  local wanted missing=() package
  wanted="ca-certificates gcc libc6-dev portaudio19-dev libportaudio2 libasound2-plugins"
  if [ "$1" = test ]; then wanted="$wanted pulseaudio pulseaudio-utils ffmpeg git"; fi
  for package in $wanted; do
    is_installed "$package" || missing+=("$package")
  done
  if ! find_python; then
    apt_update
    local names
    names=$(apt_python)
    apt_install "$names"
    find_python || die "no Python from 3.11 to 3.13 was found after installing one." \
      "Install python3.11 or newer, then start again."
  fi
  # Debian and Ubuntu keep venv and the headers of their own Python in packages apart.
  if ! "$PYTHON" -c "$COMPLETE" >/dev/null 2>&1; then
    local version
    version=$("$PYTHON" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    missing+=("$version-venv" "$version-dev")
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    apt_install "${missing[@]}"
  else
    note "all there"
  fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The package of the oldest sufficient Python that this release of the system offers.
apt_python() {
  local name
  for name in python3.11 python3.12 python3.13; do
    if [[ $(apt-cache policy "$name" 2>/dev/null) == *"Candidate: "[0-9]* ]]; then
      printf '%s %s-venv %s-dev' "$name" "$name" "$name"
      return
    fi
  done
  die "apt offers no Python from 3.11 to 3.13 here (Debian 12 and Ubuntu 22.04 do)." \
    "If the package lists could not be renewed, mend that first: $LOG" \
    "Install one by another way, for example pyenv, then start again."
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "system packages are missing and there is no sudo here." \
      "Ask an administrator to run: $*" "then start again."
  fi
}

APT_UPDATED=
apt_update() {
  if [ -z "$APT_UPDATED" ]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >>"$LOG" 2>&1 ||
      printf '      the package lists could not all be renewed; going on\n' >&2
    APT_UPDATED=yes
  fi
}

apt_install() {
  # Words are split on purpose: apt_python prints several names.
  # shellcheck disable=SC2048,SC2086
  set -- $*
  note "installing: $*"
  if [ "$(id -u)" != 0 ]; then note "sudo may ask for your password"; fi
  apt_update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" >>"$LOG" 2>&1 ||
    die "apt-get could not install: $*" "$(tail -n 5 "$LOG")" "The whole log: $LOG"
}

packages_from_brew() {
  command -v brew >/dev/null 2>&1 ||
    die "Homebrew is needed on macOS for PortAudio and Python." "Install it, then start again."
  local missing=()
  find_python || missing+=(python@3.12)
  brew list portaudio >/dev/null 2>&1 || missing+=(portaudio)
  if [ ${#missing[@]} -gt 0 ]; then
    note "installing: ${missing[*]}"
    brew install "${missing[@]}" >>"$LOG" 2>&1 ||
      die "brew could not install: ${missing[*]}" "$(tail -n 5 "$LOG")"
  fi
  find_python || die "no Python from 3.11 to 3.13 was found." "Run: brew install python@3.12"
  CFLAGS="-I$(brew --prefix)/include ${CFLAGS:-}"
  LDFLAGS="-L$(brew --prefix)/lib ${LDFLAGS:-}"
  export CFLAGS LDFLAGS
}

# Another Linux: nothing is installed, what is missing is named.
check_by_hand() {
  find_python || die "no Python from 3.11 to 3.13 was found." "Install one, then start again."
  command -v cc >/dev/null 2>&1 || die "no C compiler was found (PyAudio is built from source)." \
    "Install gcc and the headers of the C library, then start again."
  echo '#include <portaudio.h>' | cc -E - >/dev/null 2>&1 ||
    die "the headers of PortAudio were not found." \
      "Install the PortAudio development package of this system, then start again."
  note "all there"
}
