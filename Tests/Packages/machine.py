#!/usr/bin/env python3
"""A clean Debian 12 that systemd boots, of which nothing stays. Run as a program, it makes the clean system ready."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLEAN = ROOT / ".build/bookworm"


def run(*command, fails=False, **options):
    """Run a command and return what it prints. Ends with all its output when the command fails, unless it may."""
    result = subprocess.run(
        command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode != 0 and not fails:
        sys.exit(f"FAILED: {' '.join(command)}: status {result.returncode}\n{result.stdout}")
    return result.stdout


def wait(what, condition, seconds=60):
    """Wait until a condition holds, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what}: not within {seconds} s")
        time.sleep(0.05)
    return result


def enter_namespaces():
    """Go on in namespaces of our own: whatever happens, no mount and no process stays. Killing systemd-nspawn ends nothing."""
    if "VEXPORT_NAMESPACES" not in os.environ:
        os.environ["VEXPORT_NAMESPACES"] = "own"
        os.execvp("unshare", [
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])


def make_clean_system():
    """Only once: it takes a minute."""
    if not CLEAN.exists():
        unfinished = CLEAN.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "bookworm", str(unfinished))
        unfinished.rename(CLEAN)


class Machine:
    """A copy of the clean system. Until `boot` each command runs in a container of its own, with the host's network."""

    def __init__(self):
        make_clean_system()
        self.layers = tempfile.TemporaryDirectory(prefix="vexport-machine-")
        layers = pathlib.Path(self.layers.name)
        run("mount", "-t", "tmpfs", "tmpfs", str(layers))
        self.root = layers / "root"
        for name in ("root", "upper", "work"):
            (layers / name).mkdir()
        run("mount", "-t", "overlay", "overlay", str(self.root), "-o",
            f"lowerdir={CLEAN},upperdir={layers}/upper,workdir={layers}/work")
        self.supervisor = None
        container = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--machine=vexport-{os.getpid()}",
                     f"--directory={self.root}"]
        self.prefix = [*container, "--pipe", "--setenv=DEBIAN_FRONTEND=noninteractive", "--"]
        self.booted = [*container, "--boot", "--private-network", "--console=pipe"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.supervisor:
            self.supervisor.kill()
            self.supervisor.wait()
        run("umount", "--lazy", str(self.root), self.layers.name)
        self.layers.cleanup()

    def boot(self):
        """Boot it, in a network of its own, and wait until all its services are up."""
        self.supervisor = subprocess.Popen(self.booted, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        children = pathlib.Path(f"/proc/{self.supervisor.pid}/task/{self.supervisor.pid}/children")
        leader = wait("systemd is started", lambda: (
            pids := children.read_text().split()) and os.path.exists(f"/proc/{pids[0]}/root/run/systemd/private") and pids[0])
        self.prefix = ["nsenter", "--target", leader, "--all", "--"]
        self.run("systemctl", "is-system-running", "--wait")

    def run(self, *command, fails=False):
        """Run a command in it and return what it prints."""
        return run(*self.prefix, *command, fails=fails, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})

    def succeeds(self, *command):
        """Whether a command in it ends with status 0."""
        return self.run("sh", "-c", '"$@" > /dev/null 2>&1 && echo yes || true', "sh", *command).strip() == "yes"

    def write(self, path, text):
        """Write a file in it."""
        self.run("sh", "-c", 'printf %s "$1" > "$2"', "sh", text, path)

    def outside(self, path):
        """The path by which the host knows a file in it, in its mounts too."""
        return f"/proc/{self.prefix[2]}/root{path}"

    def in_network(self, *command):
        """Run a command of the host in its network."""
        return run("nsenter", "--target", self.prefix[2], "--net", "--", *command)


if __name__ == "__main__":
    make_clean_system()
