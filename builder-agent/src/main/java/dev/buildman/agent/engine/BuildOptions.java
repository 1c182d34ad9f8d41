package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build is made with beside its files. Build arguments may hold secrets of careless people:
 * {@code toString} shows their names only.
 *
 * @param buildArgs values of {@code ARG}
 * @param labels labels of the image, over those of the Dockerfile
 * @param target name or index of the stage to build; null: the last
 * @param noCache whether nothing of earlier builds may be used
 * @param sourceDate the time that the image and its files carry at the latest ({@code
 *     SOURCE_DATE_EPOCH}); null: as they are
 * @param platforms what to build for; empty: this machine's; several become an index
 * @param run what RUN instructions get
 * @param cache where steps are kept between builds
 */
public record BuildOptions(
    Map<String, String> buildArgs,
    Map<String, String> labels,
    @Nullable String target,
    boolean noCache,
    @Nullable Instant sourceDate,
    List<Platform> platforms,
    RunInputs run,
    CacheRefs cache) {

  /** No arguments and no labels, the last stage, for this machine. */
  public static final BuildOptions DEFAULTS =
      new BuildOptions(
          Map.of(), Map.of(), null, false, null, List.of(), RunInputs.NONE, CacheRefs.NONE);

  public BuildOptions {
    buildArgs = Map.copyOf(buildArgs);
    labels = Map.copyOf(labels);
    platforms = List.copyOf(platforms);
  }

  /** The platform to build for, the first of several; null: this machine's. */
  public @Nullable Platform platform() {
    return platforms.isEmpty() ? null : platforms.getFirst();
  }

  /** The same for one platform alone. */
  public BuildOptions forPlatform(Platform platform) {
    return new BuildOptions(
        buildArgs, labels, target, noCache, sourceDate, List.of(platform), run, cache);
  }

  /** The same with these labels instead. */
  public BuildOptions withLabels(Map<String, String> other) {
    return new BuildOptions(buildArgs, other, target, noCache, sourceDate, platforms, run, cache);
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
        + ", platforms="
        + platforms
        + "]";
  }
}
