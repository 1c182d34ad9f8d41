package dev.buildman.standalone;

import dev.buildman.model.Secret;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis of this user's own: on loopback, with a random password, every write in an append-only
 * file. It is started again when it dies, and one that a dead manager left behind is ended first.
 */
public final class LocalRedis implements AutoCloseable {

  /**
   * How to run it.
   *
   * @param folder for its data, its configuration and its log
   * @param searchPath as the environment's {@code PATH}
   */
  public record Setup(
      RedisProgram program, Path folder, int port, Secret password, String searchPath) {}

  private static final Logger log = LoggerFactory.getLogger(LocalRedis.class);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration END = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration WATCH = Duration.ofMillis(500);

  private final Setup setup;
  private final RedisControl control;
  private final Sleeper sleeper;
  private final Ticker ticker;
  private volatile Process process;
  private final Loop watch;

  private LocalRedis(Setup setup, Sleeper sleeper, Ticker ticker)
      throws IOException, InterruptedException {
    this.setup = setup;
    this.control = new RedisControl(setup.port(), setup.password());
    this.sleeper = sleeper;
    this.ticker = ticker;
    this.process = launched();
    Backoff pauses = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2, new Random());
    this.watch = Loop.start("redis-watch", WATCH, pauses, this::runOnce);
  }

  /**
   * Starts it and waits until it answers.
   *
   * @throws StandaloneRefused when it does not come up; says what its log says
   */
  public static LocalRedis start(Setup setup, Sleeper sleeper, Ticker ticker)
      throws IOException, InterruptedException {
    PrivateFile.createFolder(setup.folder());
    PrivateFile.write(setup.folder().resolve("redis.conf"), configuration(setup));
    return new LocalRedis(setup, sleeper, ticker);
  }

  /**
   * Ends a server that an earlier manager could not end any more: two on the same files would
   * destroy them. To be called before its port is judged, and its folder used.
   */
  public static void endLeftOver(Setup setup, Sleeper sleeper, Ticker ticker)
      throws IOException, InterruptedException {
    RedisControl control = new RedisControl(setup.port(), setup.password());
    Optional<ProcessHandle> process = LeftOver.in(setup.folder());
    if (control.isOurs()) {
      log.info("ending the Redis that an earlier manager left: port={}", setup.port());
      control.shutDown();
    } else if (process.isPresent()) {
      log.warn("ending a Redis that does not answer: pid={}", process.get().pid());
      process.get().destroy();
    }
    long begun = ticker.nanos();
    while (control.isOurs() || process.filter(ProcessHandle::isAlive).isPresent()) {
      if (ticker.since(begun).compareTo(END) > 0) {
        process.ifPresent(ProcessHandle::destroyForcibly);
      }
      if (ticker.since(begun).compareTo(END.multipliedBy(2)) > 0) {
        throw new StandaloneRefused(
            "the Redis of an earlier standalone on port " + setup.port() + " does not end");
      }
      sleeper.sleep(LOOK);
    }
  }

  /** Starts it again when it is dead. */
  void runOnce() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      log.error("Redis died and is started again: status={}\n{}", process.exitValue(), lastWords());
      process = launched();
    }
  }

  /** Watches it no more, as if this program had died. */
  void abandon() {
    watch.close();
  }

  /** The process, for those that watch it. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /** Lets it write everything down and end. */
  @Override
  public void close() {
    watch.close();
    process.destroy();
    try {
      if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Redis does not end and is killed: pid={}", process.pid());
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private Process launched() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    // Ctrl-C reaches all processes of a terminal's session: this one has to outlive the manager.
    onPath("setsid", setup.searchPath()).ifPresent(setsid -> command.add(setsid.toString()));
    command.add(setup.program().executable().toString());
    command.add(setup.folder().resolve("redis.conf").toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(setup.folder().resolve("redis.out").toFile()));
    builder.environment().clear();
    Process started = builder.start();
    long begun = ticker.nanos();
    while (!control.isReady()) {
      if (!started.isAlive() || ticker.since(begun).compareTo(START) > 0) {
        started.destroyForcibly();
        throw new StandaloneRefused("Redis does not come up; its last words:\n" + lastWords());
      }
      sleeper.sleep(LOOK);
    }
    return started;
  }

  private String lastWords() throws IOException {
    StringBuilder words = new StringBuilder();
    for (String name : List.of("redis.log", "redis.out")) {
      Path file = setup.folder().resolve(name);
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file);
        lines
            .subList(Math.max(0, lines.size() - 10), lines.size())
            .forEach(line -> words.append(line).append('\n'));
      }
    }
    return words.toString().strip();
  }

  private static Optional<Path> onPath(String name, String searchPath) {
    return List.of(searchPath.split(File.pathSeparator, -1)).stream()
        .map(folder -> Path.of(folder.isEmpty() ? "." : folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String configuration(Setup setup) {
    return """
    bind 127.0.0.1
    port %d
    requirepass %s
    daemonize no
    dir %s
    logfile %s
    pidfile %s
    appendonly yes
    appendfsync everysec
    save ""
    maxmemory-policy noeviction
    notify-keyspace-events Kx
    """
        .formatted(
            setup.port(),
            setup.password().reveal(),
            quoted(setup.folder()),
            quoted(setup.folder().resolve("redis.log")),
            quoted(setup.folder().resolve(LeftOver.PID_FILE)));
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
