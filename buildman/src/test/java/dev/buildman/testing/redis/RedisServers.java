package dev.buildman.testing.redis;

import com.redis.testcontainers.RedisContainer;
import dev.buildman.redis.RedisSettings;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;
import redis.embedded.RedisExecProvider;

/**
 * Finds a real Redis: {@code BUILDMAN_TEST_REDIS} if set, else a server program on the PATH, else a
 * container where Docker answers, else the embedded program. The system property {@code
 * buildman.redis} forces one: {@code external}, {@code server}, {@code container}, {@code embedded}
 * or {@code cluster}.
 */
public final class RedisServers {
  private static final String VARIABLE = "BUILDMAN_TEST_REDIS";

  private RedisServers() {}

  /** Starts or finds the server that all tests of a run share. */
  static RedisServer shared() {
    String forced = System.getProperty("buildman.redis", "");
    return switch (forced) {
      case "" -> found();
      case "external" -> external(environment().orElseThrow());
      case "server" -> RedisProcess.start(onPath().orElseThrow());
      case "container" -> container();
      case "embedded" -> RedisProcess.start(embedded());
      case "cluster" -> RedisProcess.cluster(program());
      default ->
          throw new IllegalArgumentException(
              "buildman.redis '"
                  + forced
                  + "' is not one of external, server, container, embedded, cluster");
    };
  }

  private static RedisServer found() {
    if (environment().isPresent()) {
      return external(environment().get());
    }
    if (onPath().isPresent()) {
      return RedisProcess.start(onPath().get());
    }
    if (DockerClientFactory.instance().isDockerAvailable()) {
      return container();
    }
    return RedisProcess.start(embedded());
  }

  /** A program to start servers of one's own with: from the PATH, else the embedded one. */
  public static Path program() {
    return onPath().orElseGet(RedisServers::embedded);
  }

  private static Optional<String> environment() {
    return Optional.ofNullable(System.getenv(VARIABLE)).filter(value -> !value.isEmpty());
  }

  private static Optional<Path> onPath() {
    for (String name : new String[] {"redis-server", "valkey-server"}) {
      for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  private static Path embedded() {
    try {
      return RedisExecProvider.defaultProvider().get().toPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code redis://[user:password@]host:port}. */
  private static RedisServer external(String text) {
    URI uri = URI.create(text);
    RedisSettings settings = RedisSettings.standalone(uri.getHost(), uri.getPort());
    if (uri.getUserInfo() != null) {
      String[] login = uri.getUserInfo().split(":", 2);
      settings = settings.with(new RedisSettings.Login(login[0], login[1]));
    }
    return new Elsewhere(settings, "the Redis of " + VARIABLE, () -> {});
  }

  private static RedisServer container() {
    String image = System.getProperty("buildman.redis.image", "redis:7.2-alpine");
    RedisContainer container =
        new RedisContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("redis"));
    container.start();
    return new Elsewhere(
        RedisSettings.standalone(container.getHost(), container.getMappedPort(6379)),
        "a container of " + image,
        container::stop);
  }

  /** A server that is not a process of ours. */
  private record Elsewhere(RedisSettings settings, String describe, Runnable end)
      implements RedisServer {
    @Override
    public void close() {
      end.run();
    }
  }
}
