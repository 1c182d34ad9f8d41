package dev.buildman.model;

import java.util.List;
import java.util.Map;

/**
 * What a build asks of its engine, checked; immutable.
 *
 * @param platforms {@code os/architecture[/variant]}; empty: the worker's own; several become an
 *     index
 * @param secrets of {@code RUN --mount=type=secret}, by id
 * @param sshKeys of {@code RUN --mount=type=ssh}, by id
 * @param cache where finished steps are
 * @param limits of what RUN starts
 */
public record EngineNeeds(
    List<String> platforms,
    Map<String, Secret> secrets,
    Map<String, Secret> sshKeys,
    Cache cache,
    RunLimits limits) {

  /** Nothing special. */
  public static final EngineNeeds NONE =
      new EngineNeeds(List.of(), Map.of(), Map.of(), Cache.NONE, RunLimits.NONE);

  public EngineNeeds {
    platforms = List.copyOf(platforms);
    secrets = Map.copyOf(secrets);
    sshKeys = Map.copyOf(sshKeys);
  }

  /**
   * Where finished steps are kept, as {@code [registry/]namespace/name[:tag]}.
   *
   * @param from looked at, the best first
   * @param to written
   */
  public record Cache(List<String> from, List<String> to) {
    public static final Cache NONE = new Cache(List.of(), List.of());

    public Cache {
      from = List.copyOf(from);
      to = List.copyOf(to);
    }
  }

  /**
   * Limits of what RUN starts, all of it together; 0: none.
   *
   * @param cpuMillis 1000 is one processor
   */
  public record RunLimits(int cpuMillis, long memoryBytes) {
    public static final RunLimits NONE = new RunLimits(0, 0);
  }
}
