package dev.buildman.agent.run;

import dev.buildman.agent.copy.ImageCopy;
import dev.buildman.agent.copy.SourceImage;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.link.ManagerException;
import dev.buildman.agent.link.Session;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.Phase;

/** A build that copies an image: its manifests are pulled, then all of it is pushed. */
final class CopySteps {
  private final Session session;
  private final LogShipper log;
  private final WorkOrder order;

  CopySteps(Session session, LogShipper log, WorkOrder order) {
    this.session = session;
    this.log = log;
    this.order = order;
  }

  /** Takes all steps but the report; as {@link BuildSteps#run}. */
  BuildResult run(ImageReference from)
      throws EngineFailure, ManagerException, InterruptedException {
    log.flush();
    session.phases().pulling(BaseMetadata.of(from, order.registries()));
    try (ImageCopy copy = new ImageCopy(from, order.registries(), Sleeper.system(), log)) {
      SourceImage image = copy.read();
      log.flush();
      session.phases().enter(Phase.PUSHING);
      PushResult pushed = copy.push(image, order.tags(), new PushGate(session.lease()));
      pushed.digests().forEach(digest -> log.line("Pushed " + digest));
      return BuildResult.newBuilder()
          .setImageId(pushed.imageId())
          .addAllDigests(pushed.digests())
          .setSizeBytes(pushed.sizeBytes())
          .setResolvedBaseImage(image.pinned().toString())
          .build();
    }
  }
}
