package dev.buildman.e2e;

import dev.buildman.testing.ec2.FakeEc2;
import dev.buildman.testing.ec2.FakeInstances;
import dev.buildman.testing.ec2.Region;
import dev.buildman.testing.ec2.SeenInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * A stand-in for EC2 whose instances run an agent as a process, and the settings that lead there.
 */
final class Ec2Cloud implements AutoCloseable {
  final FakeEc2 server = new FakeEc2();

  /**
   * @param folder for the instances' disks
   * @param agent line of shell
   */
  Ec2Cloud(Path folder, String agent) throws IOException {
    FakeInstances machines = FakeInstances.ofProcesses(folder.resolve("instances"), agent);
    server.boot(machines);
    server.console(machines::console);
  }

  /** What a manager's configuration says to use it, as its only executor. */
  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("EXECUTOR.NAME", "cloud");
    settings.put("EXECUTOR.AGENT", "ours");
    settings.put("EXECUTOR.EC2_REGION", Region.NAME);
    settings.put("EXECUTOR.EC2_ENDPOINT", server.endpoint().toString());
    settings.put("EXECUTOR.COREOS_STREAMS", server.streams().toString());
    settings.put("EXECUTOR.AWS_ACCESS_KEY", FakeEc2.ACCESS_KEY);
    settings.put("EXECUTOR.AWS_SECRET_KEY", FakeEc2.SECRET_KEY);
    settings.put("EXECUTOR.EC2_INSTANCE_TYPE", "c5.large");
    settings.put("EXECUTOR.EC2_VPC_SUBNET_ID", Region.SUBNET_A);
    return settings;
  }

  /** The only instance that costs money at the moment. */
  SeenInstance only() {
    List<SeenInstance> charged = server.charged();
    if (charged.size() != 1) {
      throw new AssertionError("not one instance: " + charged);
    }
    return charged.getFirst();
  }

  /** The only one, once there is one. */
  SeenInstance awaitOnly() {
    return Awaitility.await("an instance")
        .until(server::charged, all -> all.size() == 1)
        .getFirst();
  }

  /** Launches by the worker that they were for: no worker may be charged twice. */
  Map<String, Long> launchesByWorker() {
    return server.launched().stream()
        .collect(
            Collectors.groupingBy(
                instance -> instance.tags().getOrDefault("buildman.dev/worker", "nobody's"),
                Collectors.counting()));
  }

  @Override
  public void close() {
    server.close();
  }
}
