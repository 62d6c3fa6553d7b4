#!/bin/sh
# Starts a systemd of its own, as the first process of namespaces of its own, on a copy-on-write view of this machine: what it
# writes is in memory and gone with it, and it sees no process, port or cgroup of anybody else.
#   systemd-machine.sh <empty directory> <path that must be there>...
set -eu
base=$1
shift

if [ "${INSIDE:-}" = "" ]; then
  mkdir "$base/cgroup"
  mount --make-rprivate /
  mount -t cgroup2 cgroup2 "$base/cgroup"
  group="$base/cgroup/trading-ops-test-$$"
  mkdir "$group"
  echo $$ > "$group/cgroup.procs"
  INSIDE=1 unshare --pid --fork --kill-child --uts --ipc --net --cgroup --mount "$0" "$base" "$@" &
  child=$!
  # unshare heeds no SIGTERM; its end is the end of its first process, and so of all in there.
  trap 'kill -9 $child 2>/dev/null || true' TERM INT
  status=0
  wait $child || status=$?
  echo $$ > "$base/cgroup/cgroup.procs"
  tries=0
  until find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || [ "$tries" -ge 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  exit "$status"
fi

root=$base/root
mkdir "$base/memory" "$root"
mount --make-rprivate /
mount -t tmpfs -o size=2g tmpfs "$base/memory"
mkdir "$base/memory/upper" "$base/memory/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/memory/upper,workdir=$base/memory/work" "$root"
for path in "$@"; do
  # On a file system of its own it is not part of the view.
  [ -e "$root$path" ] || { mkdir -p "$root$path"; mount --bind "$path" "$root$path"; }
done
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mountpoint -q "$root/sys/fs/cgroup" || mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
: > "$root/etc/machine-id"
# At boot /tmp is emptied, file by file: here of whatever tests have left there, which takes longer than the boot may.
mkdir -p "$root/etc/tmpfiles.d"
: > "$root/etc/tmpfiles.d/tmp.conf"
# Nothing of this machine's own services: only what every start needs, and the bus that systemctl speaks over.
printf '[Unit]\nRequires=basic.target dbus.service\nAfter=basic.target dbus.service\n' > "$root/etc/systemd/system/probe.target"
exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /lib/systemd/systemd --system --unit=probe.target --log-target=console --show-status=0
