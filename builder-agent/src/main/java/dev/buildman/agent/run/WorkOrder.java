package dev.buildman.agent.run;

import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.source.SourceRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build as the agent's own parts take it.
 *
 * @param source where its files are
 * @param options what changes its result
 * @param tags what to push to; at least one
 * @param registries credentials and transport
 * @param copied the image that is copied instead of building one; null: one is built
 */
record WorkOrder(
    SourceRequest source,
    BuildOptions options,
    List<ImageReference> tags,
    RegistryAccess registries,
    @Nullable ImageReference copied) {

  WorkOrder {
    tags = List.copyOf(tags);
  }
}
