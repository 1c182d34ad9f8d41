package dev.buildman.executor.ec2;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** Asks the provider, without doing anything, what the manager's account may do. */
final class RightsCheck {
  static final String TYPES = "ec2:DescribeInstanceTypes";
  static final String IMAGES = "ec2:DescribeImages";
  private static final String INSTANCES = "ec2:DescribeInstances";
  private static final String SPOT = "ec2:DescribeSpotInstanceRequests";
  private static final String CONSOLE = "ec2:GetConsoleOutput";
  private static final String END = "ec2:TerminateInstances";

  /** All that it may ask for, beside the right to launch. */
  static final Set<String> ALL = Set.of(INSTANCES, TYPES, IMAGES, SPOT, CONSOLE, END);

  /** Of no account. */
  private static final String NOBODYS = "i-00000000000000000";

  private final Account account;
  private final Fleet fleet;
  private final boolean spot;
  private volatile Optional<String> doubt = Optional.empty();

  /** A call that is only asked for. */
  private interface Probe {
    void ask(Ec2Client client);
  }

  RightsCheck(Account account, Fleet fleet, List<Pool> pools) {
    this.account = account;
    this.fleet = fleet;
    this.spot = pools.stream().anyMatch(pool -> pool.market() == Market.SPOT);
  }

  /**
   * The actions that are refused.
   *
   * @throws SdkException when nothing is answered at all
   */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    ask(INSTANCES, missing, client -> client.describeInstances(r -> r.dryRun(true)));
    ask(TYPES, missing, client -> client.describeInstanceTypes(r -> r.dryRun(true)));
    ask(IMAGES, missing, client -> client.describeImages(r -> r.dryRun(true)));
    if (spot) {
      ask(SPOT, missing, client -> client.describeSpotInstanceRequests(r -> r.dryRun(true)));
    }
    Optional<String> own = missing.contains(INSTANCES) ? Optional.empty() : own();
    String instance = own.orElse(NOBODYS);
    List<String> ofInstances = new ArrayList<>();
    ask(CONSOLE, ofInstances, c -> c.getConsoleOutput(r -> r.instanceId(instance).dryRun(true)));
    ask(END, ofInstances, c -> c.terminateInstances(r -> r.instanceIds(instance).dryRun(true)));
    missing.addAll(ofInstances);
    doubt =
        own.isEmpty() && !ofInstances.isEmpty()
            ? Optional.of(
                "%s was asked of an instance that does not exist: a right that hangs on the tag"
                        .formatted(String.join(", ", ofInstances))
                    + " buildman.dev/installation shows with the first worker, and this goes away")
            : Optional.empty();
    return missing;
  }

  /** Why a right that seems to be missing may be there; empty: nothing speaks for that. */
  Optional<String> doubt() {
    return doubt;
  }

  private Optional<String> own() {
    return fleet.look(Duration.ZERO).byId().values().stream()
        .filter(instance -> !instance.isGone())
        .map(SeenInstance::id)
        .findFirst();
  }

  private void ask(String action, List<String> missing, Probe probe) {
    try {
      probe.ask(account.looks());
    } catch (SdkException e) {
      switch (Ec2Answer.kind(e)) {
        case NOT_ALLOWED -> missing.add(action);
        case REFUSED, UNREACHABLE, LOST -> throw e;
        default -> {}
      }
    }
  }
}
