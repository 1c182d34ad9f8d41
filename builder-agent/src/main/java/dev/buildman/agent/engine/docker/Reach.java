package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.engine.EngineCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Whether a daemon is there and may be used, and if not, why and what would help. */
final class Reach {
  private final DaemonKind kind;
  private final Map<String, String> variables;

  Reach(DaemonKind kind, Map<String, String> variables) {
    this.kind = kind;
    this.variables = variables;
  }

  /** A glance at files only; an address over the network is taken for good. */
  Optional<EngineCheck> problem() {
    try {
      DaemonAddress address = kind.address(variables);
      return address.socket().flatMap(socket -> problem(socket, address));
    } catch (IllegalArgumentException e) {
      return Optional.of(EngineCheck.unable(String.valueOf(e.getMessage()), ""));
    }
  }

  private Optional<EngineCheck> problem(Path socket, DaemonAddress address) {
    if (!Files.exists(socket)) {
      return Optional.of(
          EngineCheck.unable(
              "there is no socket " + socket,
              address.named()
                  ? "start the daemon, or give another DOCKER_HOST"
                  : "install the Debian package "
                      + kind.debianPackage()
                      + " and start its daemon, or name one by DOCKER_HOST"));
    }
    return Files.isWritable(socket) && Files.isReadable(socket)
        ? Optional.empty()
        : Optional.of(
            EngineCheck.unable(
                "the socket " + socket + " may not be used by this user",
                "add the user to the socket's group, or give the worker a socket of its own"));
  }

  EngineCheck check() throws InterruptedException {
    Optional<EngineCheck> problem = problem();
    if (problem.isPresent()) {
      return problem.get();
    }
    DaemonAddress address = kind.address(variables);
    try (Daemon daemon = Daemon.at(address)) {
      return judge(daemon.version(), address);
    } catch (DaemonException e) {
      return EngineCheck.unable(e.message(), "start the daemon, or give another DOCKER_HOST");
    }
  }

  private EngineCheck judge(JsonNode version, DaemonAddress address) {
    if (!version.path("Os").asText("linux").equals("linux")) {
      return EngineCheck.unable(
          "the daemon at " + address + " builds for " + version.path("Os").asText(),
          "give a DOCKER_HOST that builds for linux");
    }
    return kind == DaemonKind.PODMAN && !Daemon.isPodmans(version)
        ? EngineCheck.unable(
            "the daemon at " + address + " is Docker's", "use CONTAINER_RUNTIME=docker")
        : EngineCheck.able();
  }
}
