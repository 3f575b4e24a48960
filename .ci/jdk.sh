# Sourced by `sluice` and `verify`: which JDK to use.

readonly JDK_NEEDED=25

# Whether a directory holds a Java runtime that is new enough. Its release file says so without a
# start of Java, which would take longer than all the rest.
is_java() {
  local line
  [[ -x $1/bin/java && -r $1/release ]] || return 1
  while IFS= read -r line; do
    [[ $line =~ ^JAVA_VERSION=\"?([0-9]+) ]] && return $((BASH_REMATCH[1] < JDK_NEEDED))
  done <"$1/release"
  return 1
}

# Sets java_home to the first one that will do; returns non-zero when there is none.
find_java() {
  local on_path
  for java_home in "${SLUICE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [[ -n $java_home ]] && is_java "$java_home" && return
  done
  if on_path=$(type -P java); then
    java_home=$(dirname -- "$(dirname -- "$(readlink -f -- "$on_path")")")
    is_java "$java_home" && return
  fi
  no_java="a JDK $JDK_NEEDED or newer is needed: looked at SLUICE_JAVA_HOME, JAVA_HOME, /usr/lib/jvm and the path; install one and set SLUICE_JAVA_HOME to it"
  return 1
}

# Maven with that JDK; its libraries use what Java 25 warns of.
run_maven() {
  JAVA_HOME=$java_home \
    MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED" \
    mvn -B -ntp "$@" </dev/null
}
