package dev.buildman.executor.ec2;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.Reservation;

/**
 * All instances of one executor of one installation. One look serves all who ask meanwhile: the
 * account's calls are few, and others need them too (E3). Safe for use by several threads.
 */
final class Fleet {
  private static final List<String> LIVE =
      Stream.of(
              InstanceStateName.PENDING,
              InstanceStateName.RUNNING,
              InstanceStateName.SHUTTING_DOWN,
              InstanceStateName.STOPPING,
              InstanceStateName.STOPPED)
          .map(InstanceStateName::toString)
          .toList();

  // The provider lists ended ones for an hour: of a busy fleet that would be most of each list.
  private static final Duration ENDED_ARE_SHOWN = Duration.ofMinutes(15);

  /** Values that one filter takes. */
  private static final int MOST_VALUES = 200;

  private static final int PAGE = 500;

  private static final Duration REMEMBERED = Duration.ofMinutes(15);

  /**
   * A look.
   *
   * @param begun by the ticker
   */
  record Sight(long begun, Map<String, SeenInstance> byId) {

    /** All that were launched as one worker; more than one only if the provider made it so. */
    List<SeenInstance> of(WorkerRef worker) {
      List<SeenInstance> found = new ArrayList<>();
      for (SeenInstance instance : byId.values()) {
        boolean named = instance.worker().name().equals(worker.name());
        if (named || worker.id().filter(id -> id.value().equals(instance.id())).isPresent()) {
          found.add(instance);
        }
      }
      return found;
    }
  }

  private record Launched(String id, long since) {}

  private record Ended(SeenInstance instance, long since) {}

  private final Account account;
  private final InstanceTags tags;
  private final Ticker ticker;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile @Nullable Sight last;

  // Only who has the lock comes to these.
  private @Nullable Set<String> live;
  private final Map<String, Ended> ended = new HashMap<>();

  private final Set<String> unseen = ConcurrentHashMap.newKeySet();
  private final Map<ExecutionName, Launched> launched = new ConcurrentHashMap<>();

  Fleet(Account account, InstanceTags tags, Ticker ticker) {
    this.account = account;
    this.tags = tags;
    this.ticker = ticker;
  }

  /**
   * A look that was begun at most so long before this call.
   *
   * @throws SdkException when the provider does not tell
   */
  Sight look(Duration age) {
    long oldest = ticker.nanos() - age.toNanos();
    Sight seen = last;
    if (seen != null && seen.begun() - oldest >= 0) {
      return seen;
    }
    looking.lock();
    try {
      // Whoever had the lock may have begun after this call did.
      seen = last;
      if (seen != null && seen.begun() - oldest >= 0) {
        return seen;
      }
      Sight fresh = read();
      last = fresh;
      return fresh;
    } finally {
      looking.unlock();
    }
  }

  private Sight read() {
    long begun = ticker.nanos();
    Set<String> before = live;
    Map<String, SeenInstance> byId = new LinkedHashMap<>();
    List<Filter> filters = new ArrayList<>(tags.owner());
    if (before != null) {
      // At first the ended ones too: nobody may have watched them end.
      filters.add(Filter.builder().name("instance-state-name").values(LIVE).build());
    }
    list(filters, byId);
    Set<String> vanished = new LinkedHashSet<>(unseen);
    if (before != null) {
      vanished.addAll(before);
    }
    vanished.removeAll(byId.keySet());
    vanished.removeAll(ended.keySet());
    askAfter(new ArrayList<>(vanished), byId);
    note(byId);
    return new Sight(begun, byId);
  }

  /** How those ended that are not in the list of the living any more. */
  private void askAfter(List<String> vanished, Map<String, SeenInstance> byId) {
    for (int from = 0; from < vanished.size(); from += MOST_VALUES) {
      List<String> some = vanished.subList(from, Math.min(vanished.size(), from + MOST_VALUES));
      list(List.of(Filter.builder().name("instance-id").values(some).build()), byId);
    }
  }

  private void note(Map<String, SeenInstance> byId) {
    ended.values().removeIf(one -> ticker.since(one.since()).compareTo(ENDED_ARE_SHOWN) >= 0);
    Set<String> alive = new HashSet<>();
    byId.forEach(
        (id, instance) -> {
          if (instance.isGone()) {
            ended.putIfAbsent(id, new Ended(instance, ticker.nanos()));
          } else {
            alive.add(id);
          }
        });
    ended.forEach((id, one) -> byId.put(id, one.instance()));
    unseen.removeAll(byId.keySet());
    live = alive;
  }

  private void list(List<Filter> filters, Map<String, SeenInstance> byId) {
    DescribeInstancesRequest request =
        DescribeInstancesRequest.builder().filters(filters).maxResults(PAGE).build();
    for (Reservation reservation :
        account.looks().describeInstancesPaginator(request).reservations()) {
      reservation
          .instances()
          .forEach(
              instance -> SeenInstance.of(instance).ifPresent(seen -> byId.put(seen.id(), seen)));
    }
  }

  /**
   * Those of one worker, by a look of their own where the common one does not show it: a list lags
   * behind a launch (E5).
   *
   * @param age as of {@link #look}
   */
  List<SeenInstance> find(WorkerRef worker, Duration age) {
    List<SeenInstance> found = look(age).of(worker);
    return found.isEmpty() ? ask(worker) : found;
  }

  private List<SeenInstance> ask(WorkerRef worker) {
    Optional<String> id = worker.id().map(ExecutionId::value);
    Optional<SeenWorker> known =
        worker.name().attempt().map(attempt -> new SeenWorker(attempt, worker, ""));
    if (id.isEmpty() || known.isEmpty()) {
      List<Filter> filters = new ArrayList<>(tags.owner());
      filters.add(tags.worker(worker.name()));
      return describe(DescribeInstancesRequest.builder().filters(filters).build())
          .flatMap(instance -> SeenInstance.of(instance).stream())
          .toList();
    }
    try {
      // By its id it is found even if somebody took its tags.
      return describe(DescribeInstancesRequest.builder().instanceIds(id.get()).build())
          .map(instance -> SeenInstance.of(instance, known.get()))
          .toList();
    } catch (SdkException e) {
      if (Ec2Answer.kind(e) == Ec2Answer.Kind.NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  private Stream<Instance> describe(DescribeInstancesRequest request) {
    return account.looks().describeInstances(request).reservations().stream()
        .flatMap(reservation -> reservation.instances().stream());
  }

  /** Notes a launch that was answered: no list may show it yet. */
  void launched(ExecutionName name, String id) {
    List<Launched> old =
        launched.values().stream()
            .filter(one -> ticker.since(one.since()).compareTo(REMEMBERED) >= 0)
            .toList();
    launched.values().removeAll(old);
    old.forEach(one -> unseen.remove(one.id()));
    launched.put(name, new Launched(id, ticker.nanos()));
    unseen.add(id);
    forget();
  }

  /** The instance that this manager launched under a name, if that was not long ago. */
  Optional<String> launchedAs(ExecutionName name) {
    return Optional.ofNullable(launched.get(name)).map(Launched::id);
  }

  /** Whether something was launched from here that no look has shown yet. */
  boolean hasNews() {
    Sight seen = last;
    return seen == null
        || launched.values().stream().anyMatch(one -> one.since() - seen.begun() >= 0);
  }

  /** Something has just changed: the next look is a new one. */
  void forget() {
    last = null;
  }
}
