package dev.buildman.executor.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.executor.AgentVariables;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Where the files of a worker lie on its machine and in its container, and what is in them. */
final class MachineFiles {
  static final String FOLDER = "/etc/buildman";
  static final String ENVIRONMENT = FOLDER + "/worker.env";
  static final String PROXIES = FOLDER + "/proxies.env";
  static final String LOGIN = FOLDER + "/login";
  static final String CERTIFICATES = FOLDER + "/certs";
  static final String TRUSTED = "/etc/pki/ca-trust/source/anchors/buildman-extra-ca.crt";
  static final String HANDED = FOLDER + "/handed-over";
  static final String LEAVE = "/usr/local/bin/buildman-leave";
  static final String WORK = "/var/lib/buildman";

  /** In the container; where Quay's image looks for certificates. */
  static final String CERTS = "/certs";

  /** In the container. */
  static final String HANDED_OVER = "/run/secrets/buildman";

  /** In the container. */
  static final String WORKSPACE = "/workspace";

  private static final List<String> PROXY = List.of("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY");

  private MachineFiles() {}

  /** Of an environment; in both spellings, as programs know one or the other. */
  static Map<String, String> proxies(Map<String, String> environment) {
    Map<String, String> proxies = new TreeMap<>();
    for (String name : PROXY) {
      String value = environment.get(name);
      if (value != null) {
        proxies.put(name, value);
        proxies.put(name.toLowerCase(Locale.ROOT), value);
      }
    }
    return proxies;
  }

  /** What the agent finds in its container. */
  static Map<String, String> agentsOwn(MachineSettings settings, String engine) {
    Map<String, String> own = new TreeMap<>();
    if (settings.caCert().isPresent()) {
      AgentVariables.authority(own, CERTS + "/ca.crt");
    }
    if (settings.extraCaCerts().isPresent()) {
      AgentVariables.moreAuthorities(own, CERTS + "/extra-ca.crt");
    }
    if (MachineSettings.usesDaemon(engine)) {
      own.put("DOCKER_HOST", "unix://" + settings.runtime().socket());
    }
    if (Machine.isOurs(settings)) {
      own.put("HOME", WORKSPACE);
      own.put("TMPDIR", WORKSPACE);
    }
    AgentVariables.isolation(own, "chroot");
    return own;
  }

  /** As container programs read it: each value up to the end of its line, whatever it holds. */
  static String environment(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(v -> v.getKey() + "=" + v.getValue() + "\n")
        .collect(Collectors.joining());
  }

  /** As systemd reads it. */
  static String unitEnvironment(Map<String, String> variables) {
    return variables.entrySet().stream()
        .map(v -> v.getKey() + "=" + UnitFile.quoted(v.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  /** A login as both programs know it; in a file, as words of a command are seen by all. */
  static String login(MachineSettings settings) {
    String pair = settings.user() + ":" + settings.password().reveal();
    String auth = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    Map<String, Map<String, String>> auths = new TreeMap<>();
    auths.put(settings.registry(), Map.of("auth", auth));
    if (settings.registry().equals("docker.io")) {
      auths.put("https://index.docker.io/v1/", Map.of("auth", auth));
    }
    try {
      return new ObjectMapper().writeValueAsString(Map.of("auths", auths));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of texts can be written", e);
    }
  }

  /** What is run when the agent has ended: the console is all that is seen of a machine. */
  static String leave(MachineSettings settings) {
    String wait =
        settings
            .keepFailed()
            .map(
                time ->
                    "[ \"$SERVICE_RESULT\" = success ] || sleep %d\n".formatted(time.toSeconds()))
            .orElse("");
    return """
    #!/bin/sh
    echo "%s${EXIT_STATUS:-unknown} result=${SERVICE_RESULT:-unknown}" > /dev/console
    %sexec /usr/bin/systemctl --no-block poweroff
    """
        .formatted(Machine.ENDED, wait);
  }
}
