package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.proto.agent.FailureCode;

/**
 * Asks the registry for a base image before BuildKit, which pulls only what it needs when it needs
 * it: the registry's refusals are clear, and the result can name what the build stands on.
 */
final class BaseLookup {
  private BaseLookup() {}

  static BaseImage find(
      BuildPlan.Wanted wanted, RegistryClient registry, Outlet outlet, EngineLog log)
      throws EngineFailure, InterruptedException {
    ImageReference reference = BuildPlan.reference(wanted.reference());
    Platform platform = wanted.platform() == null ? Platform.ofThisMachine() : wanted.platform();
    log.status("Pulling from " + reference);
    try {
      Manifest named = registry.manifest(reference);
      Manifest own =
          named.isIndex()
              ? registry.manifest(reference.withDigest(named.digest()), platform)
              : named;
      outlet.base(registry, reference.repository(), own);
      log.status("Digest: " + named.digest());
      return new BaseImage(
          wanted.reference(), named.digest().toString(), own.config().digest().toString());
    } catch (RegistryException e) {
      throw failure(wanted, e);
    }
  }

  private static EngineFailure failure(BuildPlan.Wanted wanted, RegistryException e) {
    boolean ours = e.kind().isTransient() || e.kind() == RegistryException.Kind.LOCAL;
    EngineFailure failure =
        EngineFailure.of(
            ours ? FailureCode.BUILD_RUN_ERROR : FailureCode.CANNOT_PULL_BASE_IMAGE,
            "the image " + wanted.reference() + " could not be pulled: " + e.getMessage(),
            e);
    if (wanted.user().isEmpty()) {
      return failure;
    }
    Instruction user = wanted.user().get();
    return failure.at(user.text(), user.line());
  }
}
