package dev.buildman.agent.engine.buildah;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values of build arguments on their way to buildah. They travel in its environment, as everybody
 * on the machine may read command lines; those whose names mean something to buildah itself stand
 * in the Dockerfile that it reads.
 *
 * @param environment handed over as variables
 * @param fixed written into the Dockerfile
 */
record Arguments(Map<String, String> environment, Map<String, String> fixed) {
  /** Variables that buildah, Go, the dynamic loader or their helpers heed. */
  private static final Pattern HEEDED =
      Pattern.compile(
          "(_|BUILDAH|CONTAINER|STORAGE|REGISTR|LD_|GO|LC_|LANG|XDG_|TMP|TEMP|SSH_|SSL_|NOTIFY|LISTEN_"
              + "|DBUS_|GNUPG|GPG|DOCKER_|NETAVARK|CNI|OCI|RUNTIME|MALLOC|GLIBC|TZ|LOGNAME).*");

  private static final Set<String> OWN =
      Set.of("PATH", "HOME", "USER", "SHELL", "PWD", "IFS", "ENV", "BASH_ENV", "TERM", "HOSTNAME");

  static Arguments of(Map<String, String> values) {
    Map<String, String> environment = new HashMap<>();
    Map<String, String> fixed = new HashMap<>();
    values.forEach(
        (name, value) -> {
          boolean heeded = OWN.contains(name) || HEEDED.matcher(name).matches();
          (heeded ? fixed : environment).put(name, value);
        });
    return new Arguments(environment, fixed);
  }
}
