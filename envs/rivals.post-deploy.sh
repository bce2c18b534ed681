# Written by `python tools/environments.py`; see its docstring for why without dependencies.
set -e
pip install --no-deps turftopic==0.28.0
