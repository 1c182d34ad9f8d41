package dev.buildman.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Our agent behind a door for each build: for workers that were launched and have not registered.
 */
final class HeldAgents {
  /** The agent as it is installed. */
  static final Path AGENT =
      Path.of("..", "target", "dist", "builder-agent", "bin", "builder-agent")
          .toAbsolutePath()
          .normalize();

  private final Path doors;
  private final Path program;

  HeldAgents(Path folder) throws IOException {
    doors = Files.createDirectory(folder.resolve("shut-doors"));
    program =
        Files.writeString(
            folder.resolve("agent-behind-a-door"),
            """
            #!/bin/sh
            while [ -e "%s/$BUILD_UUID" ]; do sleep 0.1; done
            exec "%s"
            """
                .formatted(doors, AGENT));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What is to be run as the agent. */
  Path program() {
    return program;
  }

  /** What a manager's configuration says to use it. */
  Map<String, String> settings() {
    return Map.of("EXECUTOR.AGENT", "ours", "EXECUTOR.BUILDER_BINARY_LOCATION", program.toString());
  }

  /** Lets no agent of this build begin. */
  void hold(String build) throws IOException {
    Files.createFile(doors.resolve(build));
  }

  void release(String build) throws IOException {
    Files.deleteIfExists(doors.resolve(build));
  }
}
