package dev.buildman.agent.engine;

import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.runtime.Sleeper;

/** The registry clients of one build: pull and push have credentials of their own. */
public final class RegistryClients implements AutoCloseable {

  private final RegistryClient pull;
  private final RegistryClient push;
  private final RegistryClient once;
  private final int tries;
  private final Sleeper sleeper;

  /**
   * Clients with this access.
   *
   * @param sleeper what is waited with before a request is repeated
   */
  public RegistryClients(RegistryAccess access, Sleeper sleeper) {
    this.pull = new RegistryClient(access.settings(), access.pull(), sleeper);
    this.push = pull.itself(access.push());
    this.once = push.once();
    this.tries = access.settings().tries();
    this.sleeper = sleeper;
  }

  /** For base images. */
  public RegistryClient pull() {
    return pull;
  }

  /** For the content of the image. */
  public RegistryClient push() {
    return push;
  }

  /** For its tags, each put only with a permit. */
  public TagPush tags(PushPermit permit, EngineLog log) {
    return new TagPush(once, tries, sleeper, permit, log);
  }

  /** Drops all connections. */
  @Override
  public void close() {
    pull.close();
  }
}
