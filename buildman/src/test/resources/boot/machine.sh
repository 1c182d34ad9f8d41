#!/bin/sh
# Boots this machine's systemd as the first process of a container: its own /usr below what a test lays over
# it, an /etc of nothing but that, a console. Leaves with 130 when the container switched itself off, and with
# 77 where there can be no such container.
#   machine.sh FOLDER OVERLAY
set -eu
cannot() {
  echo "machine.sh: $*"
  exit 77
}
if [ "${3:-}" != inside ]; then
  [ -x /usr/lib/systemd/systemd ] || cannot "no systemd here"
  # A group of its own, so that this systemd sees none of the host's.
  groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
  [ -n "$groups" ] || cannot "no cgroup2 is mounted"
  own=$groups/buildman-test-$$
  mkdir "$own" || cannot "no group can be made in $groups"
  code=0
  (
    echo 0 >"$own/cgroup.procs"
    exec unshare --mount --pid --fork --uts --ipc --cgroup --net --kill-child "$0" "$1" "$2" inside
  ) || code=$?
  find "$own" -depth -type d -exec rmdir {} + 2>/dev/null || true
  exit "$code"
fi

folder=$1
overlay=$2
console=$(tty) || cannot "no terminal"
mount --make-rprivate / || cannot "mounts may not be changed"
mount -t tmpfs tmpfs "$folder"
mkdir "$folder/root" "$folder/work" "$folder/upper"
[ ! -d "$overlay/usr" ] || cp -a "$overlay/usr/." "$folder/upper/"
cd "$folder/root"
mkdir usr dev proc sys run tmp var root
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$folder/upper,workdir=$folder/work" usr || cannot "no overlay"
for link in bin sbin lib lib32 lib64; do
  [ ! -L "/$link" ] || cp -a "/$link" "$link"
done
cp -a "$overlay/etc" etc
: >etc/machine-id
cp /etc/passwd /etc/group /etc/os-release etc/
mount -t proc proc proc
mount -o bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup || cannot "cgroup2 cannot be mounted"
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/shm dev/pts
for device in null zero full random urandom tty; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
touch dev/console
mount --bind "$console" dev/console
# Nothing of the host's kernel is touched, and nothing waits for what a container has not.
for unit in dbus.socket dbus.service systemd-logind.service systemd-udevd.service systemd-udev-trigger.service \
  systemd-networkd.service systemd-networkd.socket systemd-sysctl.service systemd-modules-load.service \
  modprobe@.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount systemd-random-seed.service getty.target; do
  ln -s /dev/null "etc/systemd/system/$unit"
done
ln -s /usr/lib/systemd/system/multi-user.target etc/systemd/system/default.target
exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  chroot . /usr/lib/systemd/systemd --system --show-status=1 --log-target=console
