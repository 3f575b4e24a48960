#!/bin/sh
# Runs in a guest what the host asks for, one command after the other. A request is a line
#
#   <seconds that it may be silent> <the command for sh, in base64>
#
# and is answered by all that the command writes, and then a line by itself
#
#   <token> <exit status>
#
# where the token is one that no command can know. This is not the first process, because the death of
# an orphan while a line is read would lose what has been read of it.

token=$(cat /token)
rm /token

# How many bytes have gone out by the port on which this answers.
written() {
  sed -n 's/^1:.* tx:\([0-9]*\).*/\1/p' /proc/tty/driver/serial
}

# When it is silent for too long a command gets no mercy, but first says where each of its Java threads
# is, those of a Java on standby too. What this sleeps by may have ended already when it is ended itself, which nobody wants to read.
limit() {
  trap 'kill $! 2>/dev/null; exit' TERM
  tick=$((($1 + 7) / 8))
  silent=0
  before=$(written)
  while [ $silent -lt "$1" ]; do
    sleep $tick &
    wait $!
    silent=$((silent + tick))
    now=$(written)
    [ "$now" = "$before" ] || silent=0
    before=$now
  done
  printf '\ndeadline: %d s have passed\n' "$1"
  killall -q -QUIT java && sleep 3
  cat /tmp/standby-*/log 2>/dev/null
  kill -KILL "-$2"
}

printf '\n%s %d\n' "$token" 0
while read -r seconds encoded; do
  command=$(echo "$encoded" | base64 -d)
  setsid sh -c "$command" </dev/null &
  command_id=$!
  limit "$seconds" $command_id &
  limit_id=$!
  wait $command_id 2>/dev/null
  status=$?
  kill $limit_id 2>/dev/null
  # It may be ended before it has set its trap, which this shell would tell of.
  wait $limit_id 2>/dev/null
  printf '\n%s %d\n' "$token" $status
done
