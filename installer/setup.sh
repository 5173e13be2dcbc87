#!/usr/bin/env bash
# Makes a checkout ready to run: system packages where it may, .venv from the lock, fonts for the papers.
# Repeating it is quick: every part is skipped when it is already as wanted.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(grep -v '^#' installer/system-packages.txt)

missing_packages() {
    local name
    for name in $packages; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
    done
}

install_system_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian system: please make sure that what these packages hold is installed:" >&2
        echo "  $(echo $packages)" >&2
        return 0
    fi
    local missing as_root=""
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if sudo -n true 2>/dev/null; then
            as_root="sudo -n"
        else
            echo "Some system packages are missing, and this account may not install them. Please run:" >&2
            echo "  sudo apt-get install --no-install-recommends $missing" >&2
            echo "and then the same command again." >&2
            exit 1
        fi
    fi
    echo "Installing system packages: $missing"
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    # The relay is wanted by tests, which start it themselves; as it comes it would serve anybody.
    case " $missing " in *" coturn "*)
        if [ -d /run/systemd/system ]; then $as_root systemctl disable --now coturn >/dev/null 2>&1 || true; fi ;;
    esac
    # Tests start a sound server of their own; as it comes each program that looks for one would start another.
    case " $missing " in *" pulseaudio "*)
        echo "autospawn = no" | $as_root tee /etc/pulse/client.conf.d/50-pingqian.conf >/dev/null ;;
    esac
}

find_python() {
    local candidate
    for candidate in /usr/bin/python3.11 python3.11 python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 with its venv module is needed (Debian 12: apt-get install python3.11 python3.11-venv)." >&2
    exit 1
}

# Prints one requirement of the lock with its hashes.
locked() { awk -v name="$1==" 'index($0, name) == 1 {on = 1} on {print} on && !/\\$/ {exit}' installer/requirements.lock; }

make_environment() {
    local python stamp wanted
    stamp=.venv/.made-from
    wanted=$(cat installer/requirements.lock pyproject.toml installer/setup.sh | sha256sum)
    if [ -x .venv/bin/python ] && [ "$(cat $stamp 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    python=$(find_python)
    echo "Making .venv from installer/requirements.lock …"
    "$python" -m venv --clear .venv
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    locked setuptools >.venv/build.lock
    locked wheel >>.venv/build.lock
    .venv/bin/python -m pip install -q --require-hashes --no-deps -r .venv/build.lock
    .venv/bin/python -m pip install -q --require-hashes --no-build-isolation --use-pep517 -r installer/requirements.lock
    .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
    echo "$wanted" >$stamp
}

install_system_packages
make_environment
.venv/bin/python -m signing.adapters.documents
