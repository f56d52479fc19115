"""The tests' own PostgreSQL is there for one command, and gone after it, however it ends."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.processes import processes_with, until

SCRIPT = Path(__file__).parent.parent / "with_postgresql.py"
ASK = "import os, psycopg; url = os.environ['DATABASE_URL']; print(url); psycopg.connect(url)"


def test_the_command_reaches_it_and_its_exit_code_is_kept():
    asked = [sys.executable, str(SCRIPT), sys.executable, "-c", f"{ASK}; raise SystemExit(3)"]
    result = subprocess.run(asked, capture_output=True, text=True)
    assert result.returncode == 3, result.stderr
    folder = Path(result.stdout.strip().partition("host=")[2])
    assert folder.is_absolute()
    assert not folder.exists()


def test_killed_it_leaves_neither_server_nor_folder():
    waiting = [sys.executable, str(SCRIPT), sys.executable, "-c", f"{ASK}; print('there', flush=True); input()"]
    running = subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stdout and running.stdin
    folder = Path(running.stdout.readline().strip().partition("host=")[2])
    assert running.stdout.readline() == "there\n"
    assert any("postgres" in command for command in processes_with(f"HOME_DIR={folder}").values())
    running.send_signal(signal.SIGKILL)
    running.wait(30)
    until(lambda: not folder.exists())
    # The shell that removed the folder ends a moment after it.
    until(lambda: processes_with(f"HOME_DIR={folder}") == {})
    running.stdin.close()
    running.stdout.close()
