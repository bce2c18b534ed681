# Written by `python tools/environments.py`; see its docstring for why without dependencies.
set -e
pip install --no-deps topmost==1.0.2 fastopic==1.0.1
