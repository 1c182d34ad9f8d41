package dev.buildman.executor.ec2;

import dev.buildman.executor.Closure;
import dev.buildman.executor.Executor;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LastLines;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerListener;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.boot.Machine;
import dev.buildman.executor.boot.UserData;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/** Runs workers as instances of EC2, each booted for one build. */
public final class Ec2Executor implements Executor {
  private static final Logger log = LoggerFactory.getLogger(Ec2Executor.class);

  private final Ec2Settings settings;
  private final Pace pace;
  private final Ticker ticker;
  private final Account account;
  private final InstanceTags tags;
  private final MachineImages images;
  private final Closure closure;
  private final Fleet fleet;
  private final Absences absences;
  private final Consoles consoles;
  private final Terminations terminations;
  private final Launch launch;
  private final StartCheck check;

  /** Calls nothing: a provider that is away must not keep a manager from starting. */
  public Ec2Executor(Ec2Settings settings, Installation installation, Ticker ticker) {
    this(settings, installation, ticker, Pace.USUAL);
  }

  /** For tests. */
  Ec2Executor(Ec2Settings settings, Installation installation, Ticker ticker, Pace pace) {
    this.settings = settings;
    this.pace = pace;
    this.ticker = ticker;
    this.account = new Account(settings.access());
    this.tags = new InstanceTags(settings.tags(), name(), installation);
    this.images = new MachineImages(account, settings.image(), settings.pools(), ticker);
    this.closure = new Closure(ticker);
    this.fleet = new Fleet(account, tags, ticker);
    this.absences = new Absences(ticker, pace.settled());
    this.consoles = new Consoles(account);
    this.terminations = new Terminations(account);
    InstanceRequest requests = new InstanceRequest(settings.shape(), tags);
    RefusedRight refused = new RefusedRight(account.sts());
    RightsCheck rights = new RightsCheck(account, fleet, settings.pools());
    this.check = new StartCheck(account, settings, images, requests, rights, refused);
    this.launch =
        new Launch(
            account,
            settings.pools(),
            images,
            requests,
            fleet,
            new Launch.Verdicts(
                closure, new CoolDowns(ticker), refused, settings.capacityErrors(), ticker));
  }

  @Override
  public List<String> check() {
    return check.findings();
  }

  @Override
  public ExecutorName name() {
    return settings.common().name();
  }

  @Override
  public Optional<HostId> host() {
    return Optional.empty();
  }

  @Override
  public LaunchResult start(WorkerRequest request) {
    Optional<LaunchResult> closed = closure.answer();
    if (closed.isPresent()) {
      return closed.get();
    }
    Optional<String> unknown = images.trouble();
    if (unknown.isPresent()) {
      return new LaunchResult.SurelyNothing(FailureClass.REFUSED, unknown.get());
    }
    UserData data =
        new Machine(settings.boot())
            .userData(request, settings.environment(), Ec2Settings.USER_DATA);
    return switch (data) {
      case UserData.Refused(String sentence) ->
          new LaunchResult.SurelyNothing(FailureClass.REFUSED, sentence);
      case UserData.Made made -> launch.start(request, made.text());
    };
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    try {
      List<SeenInstance> found = fleet.find(worker, pace.fresh());
      for (SeenInstance instance : found) {
        if (instance.kept()) {
          return new StopResult.Failed(
              "%s has the tag %s; remove it to let it go"
                  .formatted(instance.id(), InstanceTags.KEEP));
        }
        if (settings.common().keepFailed().isPresent() && instance.isAlive()) {
          // Read now, so that it is remembered.
          log.debug(
              "end before a stop: id={}, exit={}", instance.id(), consoles.end(instance.id()));
        }
        if (!instance.isGone() && !isKeptForDebugging(instance)) {
          terminations.end(instance.id());
        }
      }
      if (found.isEmpty()) {
        fleet
            .launchedAs(worker.name())
            .or(() -> worker.id().map(Object::toString))
            .ifPresent(terminations::end);
      }
      fleet.forget();
      return new StopResult.Asked();
    } catch (SdkException e) {
      return new StopResult.Failed(Ec2Answer.words(e, account.where()));
    }
  }

  // Its machine switches itself off when that time is over; then the reaper finds nothing.
  private boolean isKeptForDebugging(SeenInstance instance) {
    return settings.common().keepFailed().isPresent()
        && instance.isAlive()
        && consoles.remembered(instance.id()).filter(Ec2Executor::hasFailed).isPresent();
  }

  private static boolean hasFailed(Exit exit) {
    return exit.how().signal() != 0 || exit.how().status().orElse(0) != 0;
  }

  @Override
  public Presence confirmGone(WorkerRef worker) {
    try {
      List<SeenInstance> found = fleet.find(worker, pace.fresh());
      if (found.isEmpty()) {
        return absences.seen(worker.name());
      }
      absences.over(worker.name());
      return found.stream().allMatch(one -> one.isGone() || isKeptForDebugging(one))
          ? new Presence.Gone(consoles.whatever(found.getFirst().id()))
          : new Presence.Present();
    } catch (SdkException e) {
      return new Presence.Unknown(Ec2Answer.words(e, account.where()));
    }
  }

  @Override
  public List<String> printed(WorkerRef worker) {
    try {
      return fleet.find(worker, pace.fresh()).stream()
          .findFirst()
          .map(instance -> LastLines.masked(consoles.lines(instance.id())))
          .orElse(List.of());
    } catch (SdkException e) {
      return List.of();
    }
  }

  @Override
  public Inventory list() {
    try {
      return new Inventory.Listed(
          fleet.look(Duration.ZERO).byId().values().stream()
              .filter(instance -> !instance.isGone() && !isKeptForDebugging(instance))
              .map(SeenInstance::worker)
              .toList());
    } catch (SdkException e) {
      return new Inventory.Unavailable(Ec2Answer.words(e, account.where()));
    }
  }

  @Override
  public Watch watch(WorkerListener listener) {
    return InstanceWatch.start(
        account,
        fleet,
        consoles,
        new SpotNotices(account, tags),
        listener,
        new InstanceWatch.Clockwork(ticker, pace));
  }

  @Override
  public void close() {
    account.close();
    log.debug("executor closed: executor={}", name());
  }
}
