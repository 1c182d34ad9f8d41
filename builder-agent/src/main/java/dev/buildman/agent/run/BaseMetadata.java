package dev.buildman.agent.run;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.GlobalScope;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.StageGraph;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.proto.agent.SetPhaseRequest.PullMetadata;
import java.util.Map;
import java.util.Optional;

/** What is told of the image that a build's target is made from, in Quay's form. */
final class BaseMetadata {
  private BaseMetadata() {}

  /** Empty fields for a build from scratch, and for a name that only the engine can evaluate. */
  static PullMetadata of(Dockerfile dockerfile, BuildOptions options, RegistryAccess access) {
    return base(dockerfile, options)
        .map(base -> describe(base, access))
        .orElseGet(PullMetadata::getDefaultInstance);
  }

  /** Of an image that is copied. */
  static PullMetadata of(ImageReference image, RegistryAccess access) {
    return describe(image, access);
  }

  private static PullMetadata describe(ImageReference base, RegistryAccess access) {
    return PullMetadata.newBuilder()
        .setRegistryUrl(base.repository().registry())
        .setBaseImage(base.repository().toString())
        .setBaseImageTag(base.reference())
        .setPullUsername(
            access.pull().find(base.repository()).map(Credentials::username).orElse(""))
        .build();
  }

  private static Optional<ImageReference> base(Dockerfile dockerfile, BuildOptions options) {
    try {
      GlobalScope scope = GlobalScope.of(dockerfile, options.buildArgs(), Map.of());
      StageGraph graph = StageGraph.of(dockerfile, scope, options.target());
      Origin origin = graph.base(graph.target());
      while (origin instanceof Origin.OfStage(var stage)) {
        origin = graph.base(stage);
      }
      return origin instanceof Origin.OfImage(String reference)
          ? Optional.of(ImageReference.parse(reference))
          : Optional.empty();
    } catch (DockerfileException | IllegalArgumentException e) {
      // The engine says it, with the line; here it would only hide that.
      return Optional.empty();
    }
  }
}
