package dev.buildman.testing.redis;

/** A Redis of the test's own, with data that outlive its death, and controls for its failures. */
public final class OwnRedis extends TestRedis {
  private final RedisProcess process;

  OwnRedis(RedisProcess process) {
    super(process);
    this.process = process;
  }

  /** The server. */
  public RedisProcess process() {
    return process;
  }

  @Override
  public void close() {
    super.close();
    process.close();
  }
}
