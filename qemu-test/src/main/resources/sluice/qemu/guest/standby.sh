#!/bin/sh
# standby.sh JAVA CLASS [WORD...]
#
# Runs one command line of a program in a Java that stays, which the first of them starts: on an
# emulated processor, to start Java takes longer than all that a short command does. JAVA starts it,
# CLASS is the program. Each user has a Java of his own, and so has each limit of locked memory. In a
# directory of theirs are
#
#   line     a pipe for the words of a command line, a line each
#   out err  what the program wrote
#   status   a pipe for its exit status
#   log      what Java itself says

java=$1
class=$2
shift 2
directory=/tmp/standby-$class-$(id -u)-$(ulimit -l)
if ! [ -d "$directory" ]; then
  mkdir "$directory"
  mkfifo "$directory/line" "$directory/status"
  setsid "$java" sluice.qemu.guest.Standby "$directory" "$class" </dev/null >"$directory/log" 2>&1 &
fi
for word; do echo "$word"; done >"$directory/line"
read -r status <"$directory/status"
cat "$directory/out"
cat "$directory/err" "$directory/log" >&2
exit "$status"
