package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigReader;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.ec2.FakeEc2;
import dev.buildman.testing.ec2.FakeInstances;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A stand-in for an account whose workers are shells that run {@code $TEST_AGENT}. */
final class TestAccount implements AutoCloseable {
  /** As {@link Pace#USUAL}, for tests that are in a hurry. */
  static final Pace QUICK =
      new Pace(
          Duration.ofMillis(100),
          Duration.ofMillis(300),
          Duration.ofMillis(50),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));

  final FakeEc2 server = new FakeEc2();

  TestAccount(Path folder) throws IOException {
    FakeInstances machines = FakeInstances.ofProcesses(folder, "sh -c \"$TEST_AGENT\"");
    server.boot(machines);
    server.console(machines::console);
    server.pendingFor(Duration.ofMillis(20));
    server.endingFor(Duration.ofMillis(50));
    server.graceOf(Duration.ofMillis(500));
  }

  /** An executor that is ready: it knows what its machines boot from. */
  Ec2Executor open(Installation installation, String... more) {
    Ec2Executor executor = unchecked(installation, more);
    List<String> findings = executor.check();
    if (!findings.isEmpty()) {
      throw new AssertionError(findings);
    }
    return executor;
  }

  /** A ready one with other spans. */
  Ec2Executor open(Pace pace) {
    Ec2Executor executor = new Ec2Executor(settings(), Requests.OURS, Ticker.system(), pace);
    executor.check();
    return executor;
  }

  Ec2Executor unchecked(Installation installation, String... more) {
    return new Ec2Executor(settings(more), installation, Ticker.system(), QUICK);
  }

  Ec2Settings settings(String... more) {
    String lines =
        """
        EXECUTOR: ec2
        EC2_REGION: us-east-1
        EC2_ENDPOINT: %s
        COREOS_STREAMS: %s
        """
            .formatted(server.endpoint(), server.streams());
    String keys =
        """
        AWS_ACCESS_KEY: %s
        AWS_SECRET_KEY: %s
        """
            .formatted(FakeEc2.ACCESS_KEY, FakeEc2.SECRET_KEY);
    String own = String.join("\n", more);
    return read(
        lines
            + (own.contains("AWS_ACCESS_KEY") ? "" : keys)
            + (own.contains("EC2_INSTANCE_TYPE") ? "" : "EC2_INSTANCE_TYPE: c5.large\n")
            + own
            + "\n");
  }

  static Ec2Settings read(String lines) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + lines.indent(2),
            Path.of("/"),
            top -> Ec2Settings.parse(top.section("E"), "1.0"))
        .orThrow();
  }

  @Override
  public void close() {
    server.close();
  }
}
