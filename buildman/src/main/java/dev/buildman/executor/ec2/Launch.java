package dev.buildman.executor.ec2;

import dev.buildman.executor.Closure;
import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Secret;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;

/** Launches an instance in the first pool that has room for it. */
final class Launch {
  private static final Logger log = LoggerFactory.getLogger(Launch.class);

  private static final Duration CLOSED_FOR_QUOTA = Duration.ofSeconds(15);
  private static final Duration CLOSED_FOR_REFUSAL = Duration.ofSeconds(30);

  // No further pool is asked then: the manager waits 25 s by default, and the last one needs some.
  private static final Duration LONGEST_WALK = Duration.ofSeconds(15);
  private static final int TIMES = 2;

  private final Account account;
  private final List<Pool> pools;
  private final MachineImages images;
  private final InstanceRequest requests;
  private final Fleet fleet;
  private final Verdicts verdicts;

  /**
   * What launches leave for the next ones.
   *
   * @param rights reads what the provider says of a missing right
   * @param capacityErrors as of {@link Ec2Settings}
   */
  record Verdicts(
      Closure closure,
      CoolDowns cold,
      RefusedRight rights,
      Set<String> capacityErrors,
      Ticker ticker) {}

  Launch(
      Account account,
      List<Pool> pools,
      MachineImages images,
      InstanceRequest requests,
      Fleet fleet,
      Verdicts verdicts) {
    this.account = account;
    this.pools = pools;
    this.images = images;
    this.requests = requests;
    this.fleet = fleet;
    this.verdicts = verdicts;
  }

  LaunchResult start(WorkerRequest request, Secret userData) {
    Optional<String> already = fleet.launchedAs(request.name());
    if (already.isPresent()) {
      return started(already.get());
    }
    long begun = verdicts.ticker().nanos();
    Map<Pool, CoolDowns.Cold> cold = new LinkedHashMap<>();
    for (Pool pool : pools) {
      if (request.interrupted() && pool.market() == Market.SPOT) {
        continue;
      }
      Optional<CoolDowns.Cold> before = verdicts.cold().of(pool);
      if (before.isPresent()) {
        cold.put(pool, before.get());
        continue;
      }
      Optional<MachineImages.Image> image = images.image(pool.type());
      if (image.isEmpty() || verdicts.ticker().since(begun).compareTo(LONGEST_WALK) >= 0) {
        break;
      }
      switch (in(pool, request, requests.of(request, pool, image.get(), userData))) {
        case Step.Done(LaunchResult result) -> {
          return result;
        }
        case Step.Next(CoolDowns.Cold why) -> cold.put(pool, why);
      }
    }
    return nowhere(cold);
  }

  private LaunchResult nowhere(Map<Pool, CoolDowns.Cold> cold) {
    String said =
        cold.entrySet().stream()
            .map(one -> one.getKey() + ": " + one.getValue().sentence())
            .collect(Collectors.joining("; "));
    return !cold.isEmpty() && cold.values().stream().allMatch(CoolDowns.Cold::wrong)
        ? new LaunchResult.SurelyNothing(FailureClass.REFUSED, "no pool can be used: " + said)
        : new LaunchResult.SurelyNothing(FailureClass.NO_CAPACITY, "no pool has room: " + said);
  }

  /** What one pool came to. */
  private sealed interface Step {
    record Done(LaunchResult result) implements Step {}

    record Next(CoolDowns.Cold why) implements Step {}
  }

  private Step in(Pool pool, WorkerRequest request, RunInstancesRequest launch) {
    boolean lost = false;
    for (int times = 1; ; times++) {
      try {
        String id = account.launches().runInstances(launch).instances().getFirst().instanceId();
        fleet.launched(request.name(), id);
        log.info("instance launched: name={}, id={}, pool={}", request.name(), id, pool);
        return new Step.Done(started(id));
      } catch (SdkException e) {
        Ec2Answer.Kind kind = kind(e);
        if (kind == Ec2Answer.Kind.LOST && times < TIMES && !isGivenUp(e)) {
          // The same token once more: it answers with the instance if there is one (E4).
          lost = true;
        } else if (lost || kind == Ec2Answer.Kind.LOST || kind == Ec2Answer.Kind.TOKEN_USED) {
          return new Step.Done(unanswered(request, e));
        } else {
          return refused(pool, kind, e);
        }
      }
    }
  }

  private Ec2Answer.Kind kind(SdkException e) {
    return e instanceof AwsServiceException answer
            && verdicts.capacityErrors().contains(Ec2Answer.code(answer))
        ? Ec2Answer.Kind.NO_ROOM
        : Ec2Answer.kind(e);
  }

  /** Only the inventory can tell; what it does not show may still come. */
  private LaunchResult unanswered(WorkerRequest request, SdkException trouble) {
    LaunchResult unknown = new LaunchResult.Unknown(words(trouble));
    if (isGivenUp(trouble)) {
      return unknown;
    }
    try {
      Optional<SeenInstance> found =
          fleet.find(WorkerRef.of(request.name()), Duration.ZERO).stream()
              .filter(seen -> seen.worker().attempt().equals(request.attempt()))
              .findFirst();
      found.ifPresent(seen -> fleet.launched(request.name(), seen.id()));
      return found.map(seen -> started(seen.id())).orElse(unknown);
    } catch (SdkException e) {
      return unknown;
    }
  }

  private static boolean isGivenUp(SdkException e) {
    return e instanceof AbortedException || Thread.currentThread().isInterrupted();
  }

  private Step refused(Pool pool, Ec2Answer.Kind kind, SdkException trouble) {
    String words = words(trouble);
    return switch (kind) {
      case NO_ROOM -> new Step.Next(verdicts.cold().cool(pool, false, words));
      case WRONG_POOL -> {
        log.warn("pool left out for a while: pool={}, cause={}", pool, words);
        yield new Step.Next(verdicts.cold().cool(pool, true, words));
      }
      case QUOTA -> closed(FailureClass.OVER_QUOTA, words, CLOSED_FOR_QUOTA);
      case THROTTLED -> nothing(FailureClass.THROTTLED, words);
      case UNREACHABLE -> nothing(FailureClass.UNREACHABLE, words);
      case NOT_ALLOWED ->
          closed(
              FailureClass.REFUSED,
              verdicts.rights().words(trouble, account.where()),
              CLOSED_FOR_REFUSAL);
      default -> {
        if (Ec2Answer.isImageGone(trouble)) {
          images.lost();
        }
        yield closed(FailureClass.REFUSED, words, CLOSED_FOR_REFUSAL);
      }
    };
  }

  private Step closed(FailureClass failure, String sentence, Duration span) {
    verdicts.closure().close(failure, sentence, span);
    return nothing(failure, sentence);
  }

  private static Step nothing(FailureClass failure, String sentence) {
    return new Step.Done(new LaunchResult.SurelyNothing(failure, sentence));
  }

  private String words(SdkException e) {
    return Ec2Answer.words(e, account.where());
  }

  private static LaunchResult started(String id) {
    return new LaunchResult.Started(new ExecutionId(id));
  }
}
