package dev.buildman;

import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.docker.DaemonHost;
import dev.buildman.executor.docker.DockerExecutor;
import dev.buildman.executor.docker.DockerSettings;
import dev.buildman.executor.ec2.Ec2Executor;
import dev.buildman.executor.ec2.Ec2Settings;
import dev.buildman.executor.kubernetes.KubernetesExecutor;
import dev.buildman.executor.kubernetes.KubernetesSettings;
import dev.buildman.executor.popen.PopenExecutor;
import dev.buildman.executor.popen.PopenSettings;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.reconcile.KnownExecutors;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.ChainLink;
import dev.buildman.schedule.ExecutorChain;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The executors of the configuration.
 *
 * @param chain in order of preference
 * @param known by name
 */
record Executors(ExecutorChain chain, KnownExecutors known) {
  /** While something is in the way; as seldom as an operator would look. */
  private static final Duration CHECKED_AGAIN = Duration.ofMinutes(1);

  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofSeconds(10), CHECKED_AGAIN, 0.2, new Random());

  /** Where all of them are. */
  record Surroundings(Installation installation, HostId host, InstantSource clock) {}

  /** Makes the executors of a manager; what it opens, it adds to what is closed with it. */
  @FunctionalInterface
  interface Maker {
    Executors make(List<ExecutorConfig> settings, Surroundings here, Closing closing);
  }

  static Executors of(List<ExecutorConfig> settings, Surroundings here, Closing closing) {
    List<ChainLink> links = new ArrayList<>();
    List<Executor> executors = new ArrayList<>();
    for (ExecutorConfig config : settings) {
      Executor executor = open(config, here);
      executors.add(closing.add("executor " + executor.name(), executor));
      ChainLink link = new ChainLink(executor, config.common(), Ticker.system(), Sleeper.system());
      links.add(link);
      // Beside the start: a control plane that is away must not hold it up.
      String check = "check of " + executor.name();
      closing.add(check, Loop.start(check, CHECKED_AGAIN, ON_FAILURE, link::check));
    }
    return new Executors(new ExecutorChain(links), new KnownExecutors(executors));
  }

  private static Executor open(ExecutorConfig config, Surroundings here) {
    return switch (config) {
      case PopenSettings popen ->
          new PopenExecutor(
              popen, here.installation(), here.host(), Sleeper.system(), here.clock());
      case KubernetesSettings kubernetes ->
          new KubernetesExecutor(kubernetes, here.installation(), Ticker.system(), here.clock());
      case DockerSettings docker -> {
        DaemonHost host = new DaemonHost(docker, here.host());
        host.ask();
        yield new DockerExecutor(docker, here.installation(), host, Ticker.system(), here.clock());
      }
      case Ec2Settings ec2 -> new Ec2Executor(ec2, here.installation(), Ticker.system());
      default -> throw new IllegalStateException("no executor for " + config.getClass());
    };
  }
}
