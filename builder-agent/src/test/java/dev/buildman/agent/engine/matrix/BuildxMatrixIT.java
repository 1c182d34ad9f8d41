package dev.buildman.agent.engine.matrix;

import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.buildx.BuildxEngine;
import dev.buildman.agent.engine.buildx.BuildxSettings;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.testing.BuildKitDaemon;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Runs where {@code docker-buildx} and {@code buildkitd} are, or in a folder that is named. */
final class BuildxMatrixIT extends EngineMatrix {
  @TempDir static Path home;
  private static BuildKitDaemon daemon;

  @BeforeAll
  static void startBuildKit() throws Exception {
    daemon = BuildKitDaemon.start(home);
  }

  @AfterAll
  static void stopBuildKit() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected BuildEngine engine() {
    Executables programs = new Executables(System.getProperty("buildman.test.path", ""));
    return new BuildxEngine(
        new Processes(Ticker.system(), Sleeper.system(), programs, Map.of()),
        new BuildxSettings(Map.of("BUILDKIT_HOST", daemon.host()), Duration.ofMinutes(2)),
        Sleeper.system());
  }

  /** A folder that is made for a file has the mode of the flag. */
  @Override
  protected Map<String, List<String>> differences() {
    return Map.of(
        "COPY --chmod in octal", List.of("x d 711 0:0", "x/a f 4711 0:0 A", "x/b f 4711 0:0 B"));
  }
}
