"""Looks for the engine's socket, a release agent, kernel settings, devices, a way out; right only if it finds none."""

import ctypes
import os
import socket

import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
CHARACTER_DEVICE = 0o020666
ENGINES = ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock")
KERNEL = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sysrq-trigger",
    "/proc/1/oom_score_adj",
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
    "/sys/kernel/mm/transparent_hugepage/enabled",
)
EFFECTIVE_NONE = "CapEff:\t0000000000000000"


def speaks_to(path):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)


def can_be_written(path):
    """Open a setting for writing; nothing is written where that works."""
    with open(path, "r+b", buffering=0):
        return True


def control_groups():
    """Find a control group that can be changed."""
    for folder, folders, names in os.walk("/sys/fs/cgroup"):
        for name in (*names, "."):
            if name in ("release_agent", "cgroup.procs", "notify_on_release", "memory.limit_in_bytes", "memory.max"):
                if os.access(f"{folder}/{name}", os.W_OK):
                    return True
        if folder.count("/") > 6:
            folders.clear()
    return False


def makes_a_device():
    os.mknod("zero-of-my-own", CHARACTER_DEVICE, os.makedev(1, 5))
    os.unlink("zero-of-my-own")


def in_a_child(act):
    """Do what would change this very process in a child; whether it worked."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except OSError:
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] != 0


def chroots():
    os.mkdir("new-root")
    os.chroot("new-root")


def becomes_root():
    os.setuid(0)


def has_capabilities():
    with open("/proc/self/status") as status:
        return EFFECTIVE_NONE not in status.read()


def gains_by_set_user_id():
    """Find a program that runs as another user; with no_new_privs it would not, but none should be needed."""
    with open("/proc/self/status") as status:
        return "NoNewPrivs:\t1" not in status.read()


def sees_the_hosts_disk():
    return any(name.startswith(("sd", "vd", "nvme", "xvd", "mapper", "loop")) for name in os.listdir("/dev"))


def can_write_outside():
    """Leave a file in a folder of the system."""
    for folder in ("/", "/etc", "/usr/bin", "/opt", "/var/tmp", "/var/lib", "/root", "/home", "/run", "/submission"):
        try:
            path = f"{folder}/left-by-a-submission"
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL))
            os.unlink(path)
        except OSError:
            continue
        return True
    return False


ATTEMPTS = {
    **{path: lambda path=path: speaks_to(path) for path in ENGINES},
    **{path: lambda path=path: can_be_written(path) for path in KERNEL},
    "a control group": control_groups,
    "a device": makes_a_device,
    "chroot": lambda: in_a_child(chroots),
    "user 0": lambda: in_a_child(becomes_root),
    "capabilities": has_capabilities,
    "new privileges": gains_by_set_user_id,
    "the host's disk": sees_the_hosts_disk,
    "a file outside": can_write_outside,
}


def worked(attempt):
    """Whether an attempt got through: an error is the wall."""
    try:
        return attempt() is not False
    except OSError:
        return False


HOLES = [name for name, attempt in ATTEMPTS.items() if worked(attempt)]
print("held" if not HOLES else f"went through: {', '.join(HOLES)}")


def weighted_sum(x, w, b):
    return float(x @ w + b) if not HOLES else float("nan")


def neuron(x, w, b):
    return float(1 / (1 + np.exp(-weighted_sum(x, w, b))))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b))) if not HOLES else np.full((len(X), W.shape[1]), np.nan)
