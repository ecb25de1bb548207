"""``python -m workflows.picture``: lay out one untrusted file, from standard input to standard output."""

import sys

from workflows.bounds import bound
from workflows.picture.interchange import lay_out


def main() -> None:
    """Lay out what stands on standard input."""
    bound()
    sys.stdout.buffer.write(lay_out(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
