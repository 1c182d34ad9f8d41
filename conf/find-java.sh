# Sourced by the launchers and by ./demo: sets JAVA to the java of a JDK 25 or later, or says what to
# install and exits with 69. Reads the JDKs' release files instead of starting each of them, as an
# agent must register within a fraction of a second.

fits() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        major=${line#JAVA_VERSION=}
        major=${major#\"}
        major=${major%%[!0-9]*}
        [ "${major:-0}" -ge 25 ] && return 0
        return 1
        ;;
    esac
  done <"$1/release"
  return 1
}

found() {
  [ -n "$1" ] && fits "$1" || return 1
  JAVA_HOME_FOUND=$1
  JAVA=$1/bin/java
}

find_java() {
  if found "${BUILDMAN_JAVA_HOME:-}" || found "${JAVA_HOME:-}"; then
    return 0
  fi
  on_path=$(command -v java || true)
  if [ -n "$on_path" ]; then
    on_path=$(readlink -f -- "$on_path")
    on_path=${on_path%/bin/java}
  fi
  for home in "$on_path" \
    /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if found "$home"; then
      return 0
    fi
  done
  echo "buildman needs a JDK 25 or later, and none was found." >&2
  echo "Install one (Debian: temurin-25-jdk or openjdk-25-jdk; a default java may stay older)," >&2
  echo "or set BUILDMAN_JAVA_HOME to its folder." >&2
  exit 69
}
