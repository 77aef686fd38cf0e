# shellcheck shell=bash
# The Python packages, at the versions of constraints.txt.

# pip with its progress in short; all it says goes to the log.
pip_install() {
  local status=0
  "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
    -c "$ROOT/constraints.txt" "$@" 2>&1 | tee -a "$LOG" | pip_progress || status=1
  return $status
}

# One line for each large archive, each build and the unpacking, as pip comes to them.
pip_progress() {
  local line name size
  while IFS= read -r line; do
    case $line in
      *"Downloading "*" MB)" | *"Using cached "*" MB)")
        size=${line##*\(}
        name=${line% \(*}
        name=${name##* }
        name=${name##*/}
        # Those below 10 MB would only scroll by.
        case $size in [0-9].*) ;; *) note "${name%%-*}, ${size%)} ($SECONDS s)" ;; esac
        ;;
      *"Building wheel for "*": started"*)
        name=${line#*Building wheel for }
        note "building ${name%% *} ($SECONDS s)"
        ;;
      "Installing collected packages"*)
        note "unpacking $(printf '%s\n' "$line" | tr ',' '\n' | wc -l | tr -d ' ') packages ($SECONDS s)"
        ;;
    esac
  done
}

pip_failed() {
  die "pip could not install $1." "$(grep -E '^ *([A-Za-z]*Error|ERROR|error|fatal)' "$LOG" | tail -n 5)" \
    "The whole log: $LOG" "What came through is kept: run this command again to go on."
}

packages_for_talk() {
  pip_install -e "${ROOT}[talk]" || pip_failed "the packages of a conversation"
  add_misaki
}

packages_for_test() {
  install_torch
  pip_install -e "${ROOT}[talk,coqui,diarization,train,hub,test,dev]" ||
    pip_failed "the packages of all parts"
  add_misaki
  spare_cuda_extension
}

# misaki says it wants a Python below 3.13; its lexicon, which is what is used, runs on 3.13 too.
add_misaki() {
  "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' || return 0
  pip_install --no-deps --ignore-requires-python misaki || pip_failed "misaki"
}

# torchaudio's wheel links CUDA, and beside a CPU build of torch it cannot be imported at all.
# Without its compiled extension it can; what is lost (forced alignment) is not used here.
spare_cuda_extension() {
  local extension
  if "$VENV/bin/python" -c "import torchaudio" >/dev/null 2>>"$LOG"; then return; fi
  for extension in "$VENV"/lib/python3*/site-packages/torchaudio/lib/_torchaudio*.so; do
    if [ -f "$extension" ]; then
      note "torchaudio: putting its CUDA extension aside"
      mv "$extension" "$extension.needs-cuda"
    fi
  done
  "$VENV/bin/python" -c "import torchaudio" >/dev/null 2>>"$LOG" ||
    die "torchaudio cannot be imported." "$(tail -n 1 "$LOG")"
}

# torch first, as the CPU build: on Linux x86_64 the plain one brings gigabytes of CUDA.
install_torch() {
  local version
  version=$(sed -n 's/^torch==//p' "$ROOT/constraints.txt")
  if "$VENV/bin/python" -c "import importlib.metadata as m, sys
sys.exit(m.version('torch').split('+')[0] != '$version')" 2>/dev/null; then
    return
  fi
  if [ -n "${VOICE_REGEN_TORCH_INDEX:-}" ]; then
    pip_install --index-url "$VOICE_REGEN_TORCH_INDEX" "torch==$version" ||
      pip_failed "torch from VOICE_REGEN_TORCH_INDEX"
    return
  fi
  case "$(uname -s) $(uname -m)" in
    "Linux x86_64")
      if pip_install "torch==$version+cpu"; then return; fi
      note "no CPU build of torch $version here: taking the plain one, which may be several GB."
      note "To avoid it: VOICE_REGEN_TORCH_INDEX=<address of PyTorch's CPU index> scripts/test"
      ;;
  esac
  pip_install "torch==$version" || pip_failed "torch $version"
}
