#!/usr/bin/env bash
# usage: venv.sh FOLDER REQUIREMENTS
#
# Makes a Python virtual environment in FOLDER with what the file REQUIREMENTS names, once for each content of that file.
set -euo pipefail

venv=$1
requirements=$2
cmp -s "$requirements" "$venv/requirements.installed" && exit 0
python3 -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
cp "$requirements" "$venv/requirements.installed"
