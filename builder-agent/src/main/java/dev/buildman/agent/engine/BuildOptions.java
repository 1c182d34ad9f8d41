package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Platform;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What changes the result of a build beside its files. Build arguments may hold secrets of careless
 * people: {@code toString} shows their names only.
 *
 * @param buildArgs values of {@code ARG}
 * @param labels labels of the image, over those of the Dockerfile
 * @param target name or index of the stage to build; null: the last
 * @param noCache whether nothing of earlier builds may be used
 * @param sourceDate the time that the image and its files carry at the latest ({@code
 *     SOURCE_DATE_EPOCH}); null: as they are
 * @param platform what to build for; null: this machine's
 */
public record BuildOptions(
    Map<String, String> buildArgs,
    Map<String, String> labels,
    @Nullable String target,
    boolean noCache,
    @Nullable Instant sourceDate,
    @Nullable Platform platform) {

  /** No arguments and no labels, the last stage, for this machine. */
  public static final BuildOptions DEFAULTS =
      new BuildOptions(Map.of(), Map.of(), null, false, null, null);

  public BuildOptions {
    buildArgs = Map.copyOf(buildArgs);
    labels = Map.copyOf(labels);
  }

  @Override
  public String toString() {
    return "BuildOptions[buildArgs="
        + buildArgs.keySet()
        + ", labels="
        + labels.keySet()
        + ", target="
        + target
        + ", noCache="
        + noCache
        + "]";
  }
}
