"""Opens sockets of every family, asks a name server and the cloud's metadata address; right only if none answers.

Nothing is sent where a socket can be had: that alone is the hole.
"""

import socket

import numpy as np

FAMILIES = {
    "IPv4": 2,
    "IPv6": 10,
    "IPX": 4,
    "X.25": 9,
    "PF_KEY": 15,
    "netlink": 16,
    "raw packets": 17,
    "RDS": 21,
    "CAN": 29,
    "TIPC": 30,
    "Bluetooth": 31,
    "AF_ALG": 38,
    "NFC": 39,
    "vsock": 40,
    "KCM": 41,
    "SMC": 43,
    "XDP": 44,
}
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)


def any_kind(family):
    """Open a socket of a family, whatever kind it offers."""
    for kind in KINDS:
        try:
            socket.socket(family, kind).close()
        except OSError:
            continue
        return True
    return False


def pair_of(family):
    try:
        pair = socket.socketpair(family, socket.SOCK_SEQPACKET)
    except OSError:
        return False
    for end in pair:
        end.close()
    return True


def reaches(address, kind=socket.SOCK_STREAM):
    """Say something to an address; tried only where the first attempts failed already."""
    with socket.socket(socket.AF_INET, kind) as line:
        line.settimeout(0.5)
        line.connect(address)
        line.sendall(b"GET / HTTP/1.0\r\n\r\n")


def asks_for_a_name():
    return bool(socket.getaddrinfo("exfiltrated.example.org", 80))


def abstract_sockets():
    """Connect to every name in the abstract namespace."""
    with open("/proc/net/unix") as table:
        names = [line.split()[-1] for line in table if "@" in line]
    reached = 0
    for name in names:
        try:
            socket.socket(socket.AF_UNIX).connect(name.replace("@", "\0", 1))
            reached += 1
        except OSError:
            continue
    return reached > 0


ATTEMPTS = {f"a socket of {name}": lambda family=family: any_kind(family) for name, family in FAMILIES.items()}
ATTEMPTS |= {f"a pair of {name}": lambda family=family: pair_of(family) for name, family in FAMILIES.items()}


def worked(attempt):
    """Whether an attempt got through: an error is the wall."""
    try:
        return attempt() is not False
    except OSError:
        return False


if not any(worked(attempt) for attempt in ATTEMPTS.values()):
    ATTEMPTS |= {
        "the metadata service": lambda: reaches(("169.254.169.254", 80)),
        "a name server": lambda: reaches(("192.0.2.53", 53), socket.SOCK_DGRAM),
        "the host's Docker engine": lambda: reaches(("172.17.0.1", 2375)),
        "a name": asks_for_a_name,
        "an abstract socket": abstract_sockets,
    }


HOLES = [name for name, attempt in ATTEMPTS.items() if worked(attempt)]
print("held" if not HOLES else f"went through: {', '.join(HOLES)}")


def weighted_sum(x, w, b):
    return float(x @ w + b) if not HOLES else float("nan")


def neuron(x, w, b):
    return float(1 / (1 + np.exp(-weighted_sum(x, w, b))))


def layer(X, W, b):
    return 1 / (1 + np.exp(-(X @ W + b))) if not HOLES else np.full((len(X), W.shape[1]), np.nan)
