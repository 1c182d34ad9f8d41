package dev.buildman.session;

import dev.buildman.model.BuildSpec;
import dev.buildman.model.Capability;
import dev.buildman.model.Credentials;
import dev.buildman.model.Secret;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Source;
import dev.buildman.orchestrator.job.Registered;
import dev.buildman.sources.SourceDigest;
import dev.buildman.sources.SourceUrls;
import dev.buildman.token.Grant;
import dev.buildman.token.Tokens;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Makes work orders out of opened specs. Thread-safe, does no I/O. */
public final class WorkOrders {
  /**
   * Managers' clocks may differ: an order must not expire at the hands of a clock that is ahead.
   */
  private static final Duration CLOCK_MARGIN = Duration.ofMinutes(10);

  private final Tokens tokens;
  private final SourceUrls urls;
  private final SessionSettings settings;
  private final InstantSource clock;

  public WorkOrders(Tokens tokens, SourceUrls urls, SessionSettings settings, InstantSource clock) {
    this.tokens = tokens;
    this.urls = urls;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * @param grant what the agent registered with
   * @param spec opened
   */
  WorkOrder order(
      Grant.Registration grant, AgentHello agent, Registered registered, BuildSpec spec) {
    SessionRef session = registered.session();
    Duration life = settings.machineMax().plus(CLOCK_MARGIN);
    return new WorkOrder(
        session,
        agent.kind(),
        tokens.mint(new Grant.Job(session, grant.executor(), agent.kind()), life),
        withAdditions(spec),
        served(spec.source(), session, life),
        digest(spec.source()),
        registered.timeLeft(),
        settings.heartbeat(),
        settings.lease(),
        settings.everyBuild().insecureRegistries());
  }

  /**
   * What an agent must be able to do for the order of this build; empty: any agent will do. What
   * the secrets alone would tell is not in it: that is known since the build was enqueued.
   *
   * @param shown without its secrets
   */
  Set<Capability> needs(BuildSpec shown) {
    return Capability.neededBy(withAdditions(shown));
  }

  /** Whether an order asks for more than its build does. */
  boolean addsToBuilds() {
    SessionSettings.Additions more = settings.everyBuild();
    return more.noCache() || !more.buildArgs().isEmpty() || !more.registryAuth().isEmpty();
  }

  private static String digest(Source source) {
    return switch (source) {
      case Source.Uploaded(String digest) -> digest;
      case Source.PackageUrl packageUrl -> packageUrl.digest();
      case Source.Git _, Source.Inline _, Source.Image _ -> "";
    };
  }

  private Source served(Source source, SessionRef session, Duration life) {
    if (!(source instanceof Source.Uploaded(String text))) {
      return source;
    }
    SourceDigest digest =
        SourceDigest.parse(text)
            .orElseThrow(() -> new IllegalArgumentException("the uploaded source has no digest"));
    var grant =
        new SourceUrls.Grant(
            digest,
            session.build().value(),
            session.attempt().number(),
            clock.instant().plus(life));
    return new Source.PackageUrl(Secret.of(urls.sign(grant).toString()));
  }

  private BuildSpec withAdditions(BuildSpec spec) {
    SessionSettings.Additions more = settings.everyBuild();
    // A copied image is not built, so nothing of its build can be added to.
    boolean built = !(spec.source() instanceof Source.Image);
    Map<String, String> buildArgs = new HashMap<>(built ? more.buildArgs() : Map.of());
    buildArgs.putAll(spec.buildArgs());
    Map<String, Credentials> pull = new HashMap<>(more.registryAuth());
    pull.putAll(spec.pull());
    return new BuildSpec(
        spec.repository(),
        spec.registry(),
        spec.tags(),
        spec.source(),
        spec.context(),
        spec.dockerfile(),
        buildArgs,
        spec.labels(),
        spec.target(),
        spec.noCache() || (built && more.noCache()),
        spec.push(),
        pull,
        spec.needs());
  }
}
