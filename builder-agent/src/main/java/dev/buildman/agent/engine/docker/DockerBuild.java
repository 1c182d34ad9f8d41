package dev.buildman.agent.engine.docker;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImagePush;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One build with a daemon. For one thread. */
final class DockerBuild implements EngineBuild {
  private final BuildRequest request;
  private final BuildPlan plan;
  private final ContextTar context;
  private final DaemonAddress address;
  private final EngineLog log;
  private final RegistryClients clients;
  private final BuildMessages messages;
  private final BuildQuery query;
  private final KnownImages known;
  private final List<ImageReference> cache = new ArrayList<>();
  private boolean takesEarlierImages;
  private @Nullable Daemon daemon;
  private @Nullable PushableImage image;

  DockerBuild(
      BuildRequest request,
      BuildPlan plan,
      ContextTar context,
      DaemonAddress address,
      EngineLog log,
      RegistryClients clients) {
    this.request = request;
    this.plan = plan;
    this.context = context;
    this.address = address;
    this.log = log;
    this.clients = clients;
    this.messages = new BuildMessages(plan.instructions(), log);
    this.query = new BuildQuery(request.options(), context.dockerfile());
    this.known = new KnownImages(request.workDir());
    this.cache.addAll(request.options().cache().from());
  }

  /** Lets an image that an earlier build pushed be a cache: Docker's builder compares histories. */
  DockerBuild takingEarlierImages() {
    takesEarlierImages = true;
    return this;
  }

  @Override
  public boolean gainsFromEarlierImage() {
    return takesEarlierImages;
  }

  @Override
  public void prime(ImageReference earlier) {
    // What was asked for by name comes first; all of it is pulled when the build begins.
    cache.add(earlier);
  }

  private Daemon daemon() throws DaemonException {
    Daemon there = daemon;
    if (there == null) {
      there = Daemon.at(address);
      daemon = there;
    }
    return there;
  }

  private BasePull puller() throws DaemonException {
    return new BasePull(daemon(), clients.pull(), known, request.registries().pull(), log);
  }

  @Override
  public List<BaseImage> pull() throws EngineFailure, InterruptedException {
    try {
      return puller().run(plan.images());
    } catch (DaemonException e) {
      throw Failures.daemon(e);
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    }
  }

  @Override
  public BuiltImage build() throws EngineFailure, InterruptedException {
    try {
      BasePull.Cache earlier = puller().cache(cache);
      CreatedLabel created = CreatedLabel.of(request.options(), earlier.created());
      run(query.withCache(earlier.names(), created.forDaemon()));
      Export export = new Export(daemon(), known, request, clients);
      PushableImage made = export.of(query.name(), messages.imageId(), created::renew);
      image = made;
      return new BuiltImage(
          made.manifest().config().digest().toString(), made.manifest().layers().size());
    } catch (DaemonException e) {
      throw Failures.daemon(e);
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  private void run(Map<String, String> parameters)
      throws DaemonException, EngineFailure, IOException, InterruptedException {
    try (ContextStream stream = ContextStream.of(context)) {
      try {
        daemon()
            .build(
                parameters, DaemonAuth.all(request.registries().pull()), stream.stream(), messages);
      } catch (DaemonException e) {
        IOException fault = stream.fault();
        if (fault != null && !e.isLost()) {
          throw fault;
        }
        throw refused(e);
      }
    }
    messages.imageId();
  }

  /** Before its first step a daemon only reads the Dockerfile; what it refuses then is the file. */
  private static EngineFailure refused(DaemonException e) {
    return e.isBadRequest()
        ? EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, "the daemon refuses: " + e.message(), e)
        : Failures.daemon(e);
  }

  @Override
  public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
    PushableImage made = image;
    if (made == null) {
      throw new IllegalStateException("nothing is built yet");
    }
    String imageId = made.manifest().config().digest().toString();
    return new ImagePush(clients, made, permit, log).run(request.tags(), imageId);
  }

  @Override
  public void close() {
    clients.close();
    Daemon there = daemon;
    if (there != null) {
      there.close();
      new Leftovers(address, messages, query.name(), request.workDir()).remove();
    }
  }
}
