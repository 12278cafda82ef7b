"""What differs between the package managers: how a package gets into a machine and out of it."""
import os
import pathlib
import shutil

from machine import ROOT, run


class Deb:
    """Debian's."""

    suffix = "deb"
    # Debian keeps the configuration until the package is purged, and whether the unit was enabled.
    left_by_removal = {"/etc/default/vexport", "/etc/vexport", "/etc/vexport/config.yaml"}

    def install(self, machine, package):
        """With all that it depends on."""
        machine.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", put(machine, package))

    def upgrade(self, machine, package):
        """To a newer one."""
        machine.run("dpkg", "--install", put(machine, package))

    def remove(self, machine):
        """Leave what is not the package's own."""
        machine.run("dpkg", "--remove", "vexport")

    def purge(self, machine):
        """Leave nothing."""
        machine.run("dpkg", "--purge", "vexport")


class Rpm:
    """Fedora's, run on Debian: it does not know what Debian installed, so dependencies are looked at, not followed."""

    suffix = "rpm"
    # What the administrator changed is kept under another name.
    left_by_removal = {"/etc/default/vexport.rpmsave", "/etc/vexport/config.yaml.rpmsave", "/etc/vexport"}

    def install(self, machine, package):
        """With what it says it depends on."""
        needs = run("rpm", "--query", "--package", "--requires", package)
        libraries = ("libmnl.so.0", "libyaml-0.so.2", "libcurl.so.4", "libexpat.so.1", "libsqlite3.so.0",
                     "libz.so.1", "libc.so.6")
        for need in ("systemd", *(f"{library}()(64bit)" for library in libraries)):
            assert f"\n{need}\n" in f"\n{needs}", f"{need} is not among what it needs:\n{needs}"
        machine.run(
            "apt-get", "install", "-y", "-qq", "--no-install-recommends", "rpm", "systemd", "libmnl0", "libyaml-0-2",
            "libcurl4", "libexpat1", "libsqlite3-0", "libssl3", "zlib1g")
        machine.run("rpm", "--install", "--nodeps", put(machine, package))

    def upgrade(self, machine, package):
        """To a newer one."""
        machine.run("rpm", "--upgrade", "--nodeps", put(machine, package))

    def remove(self, machine):
        """Leave what is not the package's own."""
        machine.run("rpm", "--erase", "vexport")

    def purge(self, machine):
        """rpm knows no purging: do what the README says."""
        machine.run("rm", "-r", "/etc/vexport", "/etc/default/vexport.rpmsave", "/var/lib/vexport", "/run/vexport")


def put(machine, package):
    """Copy a package into a machine, and return its path there."""
    path = "/root/package" + pathlib.Path(package).suffix
    shutil.copy(package, f"{machine.root}{path}")
    return path


def build(manager, version, directory):
    """Build a package, hardly compressed, since that takes most of the time. Return its path."""
    quickly = {**os.environ, "DPKG_DEB_COMPRESSOR_LEVEL": "1", "RPM_PAYLOAD": "w1.zstdio"}
    run(str(ROOT / f"packaging/{manager.suffix}/build"), version, directory, env=quickly)
    package, = pathlib.Path(directory).glob(f"*.{manager.suffix}")
    return str(package)
