package dev.buildman.agent.engine;

import dev.buildman.agent.registry.ImageReference;
import java.util.List;

/**
 * Where steps are kept between builds. A cache is a help only: what cannot be read or written is
 * logged and fails no build.
 *
 * @param from looked at, the best first; read with the credentials for pulls
 * @param to written; with the credentials for pushes where they are of that registry, else with
 *     those for pulls
 */
public record CacheRefs(List<ImageReference> from, List<ImageReference> to) {

  /** No cache in a registry. */
  public static final CacheRefs NONE = new CacheRefs(List.of(), List.of());

  public CacheRefs {
    from = List.copyOf(from);
    to = List.copyOf(to);
  }
}
