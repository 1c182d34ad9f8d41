package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Executor;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.testing.ec2.SeenInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An account of the stand-in for EC2, and what its tests do with it. */
abstract class Ec2Fixture {
  static final Duration LONG = Duration.ofSeconds(20);

  @TempDir private Path folder;

  TestAccount account;

  @BeforeEach
  void begin() throws IOException {
    account = new TestAccount(folder);
  }

  @AfterEach
  void end() {
    account.close();
  }

  static WorkerRequest request() {
    return Requests.of("sleep 60");
  }

  static WorkerRef started(Executor executor, WorkerRequest request) {
    LaunchResult result = executor.start(request);
    assertThat(result).isInstanceOf(LaunchResult.Started.class);
    return WorkerRef.of(request.name(), ((LaunchResult.Started) result).execution());
  }

  static void assertNothing(LaunchResult result, FailureClass failure, String... words) {
    assertThat(result)
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(failure);
              assertThat(nothing.sentence()).contains(words);
            });
  }

  final List<SeenInstance> launched() {
    return account.server.launched();
  }
}
