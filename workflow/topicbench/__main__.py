"""``python -m topicbench``: see `topicbench.app.main`."""

import sys

from topicbench.app.main import main

if __name__ == "__main__":
    sys.exit(main())
