"""Run a command with a PostgreSQL of its own, named in DATABASE_URL: `python tests/with_postgresql.py pytest -n 2`.

The cluster lives in a temporary folder and answers on a Unix socket only. Its keeper is a shell that reads from a
pipe: when this process ends, in whatever way, the pipe closes, and the keeper stops the server and removes the folder.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

KEEPER = """
trap '' INT TERM HUP
"$BIN/initdb" -D "$HOME_DIR/data" -U opsrecords -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$HOME_DIR/log" 2>&1 &&
"$BIN/pg_ctl" -D "$HOME_DIR/data" -l "$HOME_DIR/log" -w -t 60 start -o "-k $HOME_DIR -c listen_addresses= \
-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60" >>"$HOME_DIR/log" 2>&1 &&
echo ready || { cat "$HOME_DIR/log" >&2; exit 1; }
cat >/dev/null
"$BIN/pg_ctl" -D "$HOME_DIR/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$HOME_DIR"
"""


def main(command: list[str]) -> int:
    """The exit code of the command, or 1 if PostgreSQL isn't there or does not start."""
    binaries = find_binaries()
    if binaries is None:
        print("PostgreSQL is not installed (no initdb found): make system-packages", file=sys.stderr)
        return 1
    # Not TMPDIR: another user has to reach it, and the path of a socket is short.
    home = tempfile.mkdtemp(prefix="opsrecords-pg-", dir="/tmp")
    keeper = ["sh", "-c", KEEPER]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(home, "postgres", "postgres")
        keeper = ["runuser", "-u", "postgres", "--", *keeper]
    environment = {**os.environ, "BIN": str(binaries), "HOME_DIR": home}
    with subprocess.Popen(
        keeper, env=environment, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as running:
        assert running.stdout and running.stdin
        if running.stdout.readline() != b"ready\n":
            shutil.rmtree(home, ignore_errors=True)
            return 1
        url = f"postgres://opsrecords@/postgres?host={home}"
        try:
            return subprocess.call(command, env={**os.environ, "DATABASE_URL": url})
        except KeyboardInterrupt:
            return 130
        finally:
            running.stdin.close()


def find_binaries() -> Path | None:
    """The folder of the newest PostgreSQL server: on PATH, or where Debian keeps it."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
