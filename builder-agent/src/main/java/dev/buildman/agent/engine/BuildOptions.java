package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Platform;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build is made with beside its files. Build arguments may hold secrets of careless people:
 * {@code toString} shows their names only.
 *
 * @param buildArgs values of {@code ARG}
 * @param labels labels of the image, over those of the Dockerfile; but see {@link #allLabels}
 * @param target name or index of the stage to build; null: the last
 * @param noCache whether nothing of earlier builds may be used
 * @param sourceDate the time that the image and its files carry at the latest ({@code
 *     SOURCE_DATE_EPOCH}); null: as they are
 * @param platforms what to build for; empty: this machine's; several become an index
 * @param run what RUN instructions get
 * @param cache where steps are kept between builds
 * @param created when the image is made, for its label {@value #CREATED}; null: it gets none. It is
 *     apart from the other labels, as it alone differs whenever the same is built again
 */
public record BuildOptions(
    Map<String, String> buildArgs,
    Map<String, String> labels,
    @Nullable String target,
    boolean noCache,
    @Nullable Instant sourceDate,
    List<Platform> platforms,
    RunInputs run,
    CacheRefs cache,
    @Nullable Instant created) {

  /** The label that says when an image was made. */
  public static final String CREATED = "org.opencontainers.image.created";

  /** No arguments and no labels, the last stage, for this machine. */
  public static final BuildOptions DEFAULTS =
      new BuildOptions(
          Map.of(), Map.of(), null, false, null, List.of(), RunInputs.NONE, CacheRefs.NONE);

  /** Without a time for its label. */
  public BuildOptions(
      Map<String, String> buildArgs,
      Map<String, String> labels,
      @Nullable String target,
      boolean noCache,
      @Nullable Instant sourceDate,
      List<Platform> platforms,
      RunInputs run,
      CacheRefs cache) {
    this(buildArgs, labels, target, noCache, sourceDate, platforms, run, cache, null);
  }

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
        buildArgs, labels, target, noCache, sourceDate, List.of(platform), run, cache, created);
  }

  /** The same with these labels and this time instead. */
  public BuildOptions withLabels(Map<String, String> other, @Nullable Instant when) {
    return new BuildOptions(
        buildArgs, other, target, noCache, sourceDate, platforms, run, cache, when);
  }

  /** The text of the label {@value #CREATED}; null: there is to be none. */
  public @Nullable String createdLabel() {
    return created == null ? null : created.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** The labels, with that of the image's time where it gets one. */
  public Map<String, String> allLabels() {
    Map<String, String> all = new HashMap<>(labels);
    String when = createdLabel();
    if (when != null) {
      all.put(CREATED, when);
    }
    return all;
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
