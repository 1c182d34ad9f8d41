package dev.buildman.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildman.model.Secret;
import dev.buildman.redis.RedisConnections;
import dev.buildman.redis.RedisSettings;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.redis.ServerFacts;
import dev.buildman.redis.StartupChecks;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalRedisIT {

  private static final Secret PASSWORD = Secret.of("a-password-of-this-test");

  @TempDir private Path folder;

  @Test
  void theEmbeddedProgramIsARedisThatTheManagerHasNothingToSayAgainst() throws Exception {
    LocalRedis.Setup setup = setup(RedisProgram.find("/nowhere", folder));
    assertThat(setup.program().origin()).contains("embedded");
    try (LocalRedis redis = start(setup)) {
      assertThat(StartupChecks.of(facts(setup, PASSWORD))).isEmpty();
      assertThatThrownBy(() -> facts(setup, Secret.of("wrong")))
          .isInstanceOf(RedisUnavailable.class);
      assertThat(redis.process().isAlive()).isTrue();
    }
    assertThat(new RedisControl(setup.port(), PASSWORD).isOurs()).isFalse();
  }

  @Test
  void thePasswordIsOnNoCommandLineAndInNoFileThatOthersCanRead() throws Exception {
    LocalRedis.Setup setup = setup(program());
    try (LocalRedis redis = start(setup)) {
      Path process = Path.of("/proc", Long.toString(redis.process().pid()));
      assertThat(Files.readString(process.resolve("cmdline"))).doesNotContain(PASSWORD.reveal());
      assertThat(Files.readString(process.resolve("environ"))).doesNotContain(PASSWORD.reveal());
      Path config = setup.folder().resolve("redis.conf");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void itIsStartedAgainWhenItDies() throws Exception {
    LocalRedis.Setup setup = setup(program());
    try (LocalRedis redis = start(setup)) {
      ProcessHandle first = redis.process();
      first.destroyForcibly();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> !redis.process().equals(first) && isReady(setup));
    }
  }

  @Test
  void oneThatADeadManagerLeftIsEndedBeforeTheNextOneTakesItsFiles() throws Exception {
    LocalRedis.Setup setup = setup(program());
    try (LocalRedis left = start(setup)) {
      ProcessHandle process = left.process();
      // As after kill -9: nobody watches it any more.
      left.abandon();
      LocalRedis.endLeftOver(setup, Sleeper.system(), Ticker.system());
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  void oneThatDoesNotAnswerIsEndedByWhatItWroteDown() throws Exception {
    LocalRedis.Setup setup = setup(program());
    try (LocalRedis left = start(setup)) {
      ProcessHandle process = left.process();
      left.abandon();
      LocalRedis.Setup elsewhere =
          new LocalRedis.Setup(setup.program(), setup.folder(), 0, PASSWORD, "");
      LocalRedis.endLeftOver(elsewhere, Sleeper.system(), Ticker.system());
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  void aRedisThatCannotStartSaysWhatItsLogSays() throws Exception {
    try (ServerSocket taken =
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      LocalRedis.Setup setup =
          new LocalRedis.Setup(
              program(), folder.resolve("redis"), taken.getLocalPort(), PASSWORD, "");
      assertThatThrownBy(() -> start(setup))
          .isInstanceOf(StandaloneRefused.class)
          .hasMessageContaining("Failed listening on port " + taken.getLocalPort());
    }
  }

  private LocalRedis.Setup setup(RedisProgram program) throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return new LocalRedis.Setup(
          program, folder.resolve("redis"), socket.getLocalPort(), PASSWORD, "/usr/bin");
    }
  }

  private RedisProgram program() throws IOException {
    return RedisProgram.embedded(folder);
  }

  private static LocalRedis start(LocalRedis.Setup setup) throws Exception {
    return LocalRedis.start(setup, Sleeper.system(), Ticker.system());
  }

  private static boolean isReady(LocalRedis.Setup setup) {
    return new RedisControl(setup.port(), PASSWORD).isReady();
  }

  private static ServerFacts facts(LocalRedis.Setup setup, Secret password) {
    RedisSettings settings =
        RedisSettings.standalone("127.0.0.1", setup.port())
            .with(new RedisSettings.Login("", password.reveal()));
    try (RedisConnections connections = RedisConnections.open(settings, InstantSource.system())) {
      return connections.facts("any");
    }
  }
}
