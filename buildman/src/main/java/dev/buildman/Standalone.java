package dev.buildman;

import dev.buildman.registry.RegistryServer;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.standalone.DataFolder;
import dev.buildman.standalone.LocalRedis;
import dev.buildman.standalone.Ports;
import dev.buildman.standalone.RedisProgram;
import dev.buildman.standalone.StandaloneConfig;
import dev.buildman.standalone.StandaloneConfig.PortSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a manager needs on one machine, opened in order: the folder, Redis, the registry, the
 * configuration. What an earlier one left there is ended first.
 */
public final class Standalone implements AutoCloseable {

  /**
   * What a person may choose.
   *
   * @param data folder of everything that stays
   * @param workers at once
   * @param searchPath where Redis is looked for, as the environment's {@code PATH}
   */
  public record Options(Path data, int workers, String searchPath) {}

  private static final Logger log = LoggerFactory.getLogger(Standalone.class);
  private static final String REDIS = "redis";

  private final Closing closing = new Closing();
  private final DataFolder folder;
  private final PortSet ports;
  private final Path config;

  private Standalone(Options options) throws IOException, InterruptedException {
    try {
      this.folder =
          closing.add("folder", DataFolder.take(options.data(), ProcessHandle.current().pid()));
      folder.secret(StandaloneConfig.SECRET_KEY);
      Ports chosen = new Ports(folder);
      RedisProgram program = RedisProgram.find(options.searchPath(), folder.path());
      LocalRedis.Setup before = redis(program, options, chosen.before(REDIS));
      LocalRedis.endLeftOver(before, Sleeper.system(), Ticker.system());
      this.ports = choose(chosen);
      LocalRedis.Setup setup = redis(program, options, ports.redis());
      closing.add(REDIS, LocalRedis.start(setup, Sleeper.system(), Ticker.system()));
      log.info("Redis runs: program={}, port={}", setup.program().origin(), ports.redis());
      closing.add("registry", registry());
      this.config =
          folder.write("config.yaml", new StandaloneConfig(options.workers(), ports).text());
    } catch (IOException | InterruptedException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /**
   * Opens everything but the manager itself.
   *
   * @throws dev.buildman.standalone.StandaloneRefused when it cannot run here, or another one has
   *     the folder; says why and what to do
   */
  public static Standalone open(Options options) throws IOException, InterruptedException {
    return new Standalone(options);
  }

  /** The manager's configuration. */
  public Path config() {
    return config;
  }

  /** All on loopback. */
  public PortSet ports() {
    return ports;
  }

  @Override
  public void close() {
    closing.close();
  }

  private LocalRedis.Setup redis(RedisProgram program, Options options, int port)
      throws IOException {
    return new LocalRedis.Setup(
        program,
        folder.path().resolve(REDIS),
        port,
        folder.secret(StandaloneConfig.REDIS_PASSWORD),
        options.searchPath());
  }

  /** The usual ports where they are free, so that the command line finds the manager unasked. */
  private static PortSet choose(Ports ports) throws IOException {
    return new PortSet(
        ports.choose(REDIS, 56_379),
        ports.choose("registry", 5000),
        ports.choose("agents", 55_443),
        ports.choose("sources", 55_080),
        ports.choose("clients", 55_051),
        ports.choose("metrics", 9092));
  }

  private RegistryServer registry() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    RegistryServer registry =
        RegistryServer.start(
            new InetSocketAddress(loopback, ports.registry()),
            folder.path().resolve("registry"),
            InstantSource.system().instant(),
            Optional.empty());
    log.info("registry runs: port={}", registry.address().getPort());
    return registry;
  }
}
