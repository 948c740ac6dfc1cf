#!/usr/bin/env bash
# Says in one line when the Python is too old, before pip says it in fifty.
"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && exit 0
echo "Python 3.11 or newer is needed, this is $("$1" --version). Use: make PYTHON=/path/to/python3.11 ..." >&2
exit 1
