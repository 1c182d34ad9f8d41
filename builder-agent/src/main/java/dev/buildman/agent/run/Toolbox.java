package dev.buildman.agent.run;

import dev.buildman.agent.engine.EngineChoice;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.source.Sources;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What this machine builds with; closed when the build is over.
 *
 * @param sources fetches
 * @param engines builds
 * @param wantedEngine a name or {@code auto}
 * @param registries how registries are spoken to from here
 * @param workDirectory an existing folder with room
 * @param keepWork whether the work folder stays after the build
 * @param clock what time images say that they were made
 */
public record Toolbox(
    Sources sources,
    EngineChoice engines,
    String wantedEngine,
    RegistrySettings registries,
    Path workDirectory,
    boolean keepWork,
    InstantSource clock)
    implements AutoCloseable {
  @Override
  public void close() {
    engines.close();
    sources.close();
  }
}
