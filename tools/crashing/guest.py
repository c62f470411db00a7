"""The first process of the machine whose power is cut: lets senders store to the archive, or asks it what it has.

What the host should know goes to the second console, a line each:

    ready                 the archive answers
    stored UID            it acknowledged the instance
    refused UID STATUS    it did not
    file UID              a file that holds the instance whole
    half PATH             a file that does not hold what was sent
    found UID             C-FIND has the instance
    got UID               C-GET brought it whole
    wrong UID             C-GET brought something else
    unwell TEXT           the archive did not do what it should, which is its matter
    broken TEXT           the test can't go on
    done                  all that was to be checked was
"""

import ctypes
import fcntl
import json
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
import tty

import dicom
import instances

CONSOLE = "/dev/tty1"
DISK, LOOP = "/dev/ubda", "/dev/loop0"
READY_SECONDS = 60
CHECK_SECONDS = 120
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
POWER_OFF = 0x4321FEDC
LOOP_SET_FD, SYS_FINIT_MODULE = 0x4C00, 313
LIBC = ctypes.CDLL(None, use_errno=True)
FAULTS = (OSError, dicom.Fault, struct.error, KeyError)
FAULTS_MAXIMUM = 20


class Guest:
    def __init__(self, plan):
        self.plan = plan
        self.mode, self.called, self.port = plan["mode"], plan["called"], plan["port"]
        self.console = os.open(CONSOLE, os.O_RDWR | os.O_CLOEXEC)
        tty.setraw(self.console)

    def say(self, *words):
        line = " ".join(map(str, words)).replace("\n", " | ") + "\n"
        os.write(self.console, line.encode())

    def prepare(self):
        os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        mount("proc", "/proc", "proc")
        os.makedirs("/dev/shm", exist_ok=True)
        mount("tmpfs", "/dev/shm", "tmpfs")
        mount(self.cached_disk() if self.plan["cached"] else DISK, self.plan["mounted"], "ext4")
        with socket.socket() as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
        for name, value in self.plan["kernel"].items():
            pathlib.Path("/proc/sys", name).write_text(str(value))
        if self.mode == "store":
            os.makedirs(self.plan["area"], exist_ok=True)
            os.sync()

    def cached_disk(self):
        """A loop device over the image, a file of the host: its flush is the host's fsync, which a ubd never calls."""
        folder, name = os.path.split(self.plan["image"])
        mount("image", self.plan["host"], "hostfs", folder)
        for module in pathlib.Path("/usr/lib/uml/modules", os.uname().release).rglob("loop.ko"):
            with open(module, "rb") as content:
                if LIBC.syscall(SYS_FINIT_MODULE, content.fileno(), b"", 0) != 0:
                    raise OSError(ctypes.get_errno(), "loop.ko")
        # Both stay open: the loop device holds the image as long as it lives.
        self.image, self.loop = os.open(os.path.join(self.plan["host"], name), os.O_RDWR), os.open(LOOP, os.O_RDWR)
        fcntl.ioctl(self.loop, LOOP_SET_FD, self.image)
        return LOOP

    def start(self):
        self.daemon = subprocess.Popen(self.plan["daemon"], stdin=subprocess.DEVNULL)
        until = time.monotonic() + READY_SECONDS
        while True:
            try:
                return dicom.Association(self.port, self.called, [dicom.STORE if self.mode == "store" else dicom.FIND]).release()
            except (OSError, dicom.Fault):
                if self.daemon.poll() is not None:
                    raise dicom.Fault(f"the archive ended with {self.daemon.returncode}") from None
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def store(self):
        self.start()
        self.say("ready")
        senders = {}
        for number in range(self.plan["senders"]):
            child = os.fork()
            if child == 0:
                self.send(number)
            senders[child] = number
        while True:
            child, status = os.wait()
            if child in senders or child == self.daemon.pid:
                raise dicom.Fault(f"{'a sender' if child in senders else 'the archive'} ended with {status:04X}H")

    def send(self, sender):
        """Stores instance after instance, and never returns."""
        try:
            chance = random.Random(f"{self.plan['seed']} {self.plan['cut']} {sender}")
            number = 0
            while True:
                association = dicom.Association(self.port, self.called, [dicom.STORE])
                for _ in range(chance.randrange(10, 200)):
                    instance = instances.Instance(self.plan["seed"], self.plan["cut"], sender, number)
                    number += 1
                    status = association.store(instance)
                    if status == dicom.SUCCESS:
                        self.say("stored", instance.uid())
                    else:
                        self.say("refused", instance.uid(), f"{status:04X}H")
                association.release()
        except BaseException:
            self.say("broken", "sender", sender, traceback.format_exc())
            os._exit(1)

    def check(self):
        self.check_files()
        for words in self.plan["checks"]:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=CHECK_SECONDS)
            if done.returncode != 0:
                self.say("unwell", os.path.basename(words[0]), "ended with", done.returncode, done.stdout[-1_000:])
        acknowledged = [instances.Instance.of(uid) for uid in pathlib.Path(self.plan["acknowledged"]).read_text().split()]
        try:
            self.start()
            self.ask(dicom.FIND, self.find, {(one.uid(instances.STUDY), one.uid(instances.SERIES)) for one in acknowledged})
            self.ask(dicom.GET, self.get, {(one.uid(instances.STUDY),) for one in acknowledged})
            self.daemon.terminate()
            status = self.daemon.wait(CHECK_SECONDS)
            if status not in (0, -signal.SIGTERM):
                self.say("unwell", "the archive ended with", status)
        except (*FAULTS, subprocess.TimeoutExpired) as fault:
            self.say("unwell", repr(fault))
        self.say("done")

    def check_files(self):
        for folder, folders, names in os.walk(self.plan["files"]):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name == "index.dat":
                    continue
                path = pathlib.Path(folder, name)
                instance = instances.of_file(path.read_bytes())
                self.say("file", instance.uid()) if instance else self.say("half", path)

    def ask(self, context, question, keys):
        """Asks for each of the keys; after a fault on an association of its own."""
        association, faults = None, 0
        for key in sorted(keys):
            try:
                association = association or dicom.Association(self.port, self.called, [context, dicom.STORE] if context == dicom.GET else [context])
                question(association, *key)
            except FAULTS as fault:
                self.say("unwell", question.__name__, *key, repr(fault))
                association = None
                faults += 1
                if faults == FAULTS_MAXIMUM:
                    return
        if association:
            association.release()

    def find(self, association, study, series):
        for uid in association.find_instances(study, series):
            self.say("found", uid)

    def get(self, association, study):
        for uid, data_set in association.get_study(study):
            instance = instances.Instance.of(uid)
            self.say("got" if instance and data_set == instance.data_set() else "wrong", uid)


def mount(source, target, kind, options=""):
    if LIBC.mount(source.encode(), target.encode(), kind.encode(), 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def main():
    guest = None
    try:
        guest = Guest(json.loads(pathlib.Path(sys.argv[1]).read_text()))
        guest.prepare()
        {"store": guest.store, "check": guest.check}[guest.mode]()
    except BaseException:
        traceback.print_exc()
        if guest:
            guest.say("broken", traceback.format_exc())
    os.sync()
    LIBC.reboot(ctypes.c_int(POWER_OFF))


if __name__ == "__main__":
    main()
