#!/bin/sh
# The first process of a guest: makes the usual places, loads the modules, and then runs what the
# host asks for on the second serial port, one command after the other. A request is a line
#
#   <seconds that it may take> <the command for sh, in base64>
#
# and is answered by all that the command writes, and then a line by itself
#
#   <token> <exit status>
#
# where the token is one that no command can know.

export PATH=/bin:/sbin:/usr/bin:/usr/sbin:/java/bin HOME=/root LANG=C.UTF-8
port=/dev/ttyS1

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts pts /dev/pts
hostname guest
ip link set lo up 2>/dev/null

while read -r module; do
  insmod "/modules/$module" || echo "init: cannot load $module"
done </modules/order

token=$(cat /token)
rm /token

# At its deadline a command gets no mercy, but first says where each of its Java threads is.
limit() {
  sleep "$1"
  echo "deadline: $1 s have passed"
  killall -q -QUIT java && sleep 2
  kill -KILL "-$2"
}

stty -F $port raw -echo
exec <$port >$port 2>&1
printf '\n%s %d\n' "$token" 0
while read -r seconds encoded; do
  command=$(echo "$encoded" | base64 -d)
  setsid sh -c "$command" </dev/null &
  command_id=$!
  limit "$seconds" $command_id &
  limit_id=$!
  wait $command_id
  status=$?
  kill $limit_id
  wait $limit_id 2>/dev/null
  printf '\n%s %d\n' "$token" $status
done
