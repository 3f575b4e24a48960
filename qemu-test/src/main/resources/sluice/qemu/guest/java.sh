#!/bin/sh
# Java as a guest is best served: a compiler and a collector that are quick to start, and the archive
# of Java's own classes where it wants to be, because moving it takes longer than all the rest.

export CLASSPATH=${CLASSPATH-$(cat /app/classpath)}
exec "${JAVA-/java/bin/java}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
  -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 \
  -ea --enable-native-access=ALL-UNNAMED "$@"
