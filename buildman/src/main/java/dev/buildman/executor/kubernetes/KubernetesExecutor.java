package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Executor;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LastLines;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerListener;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs workers as Jobs whose one container is the agent. */
public final class KubernetesExecutor implements Executor {
  private static final Logger log = LoggerFactory.getLogger(KubernetesExecutor.class);

  private final KubernetesSettings settings;
  private final Cluster cluster;
  private final WorkerLabels labels;
  private final JobManifest manifest;
  private final Offers offers;
  private final Closure closure;
  private final Ticker ticker;
  private final Duration comparedEvery;

  // Two of these pass before a watch that fell silent is noticed; a list of each kind is its price.
  private static final Duration COMPARED_EVERY = Duration.ofSeconds(20);

  /**
   * Calls nothing yet: an API server that is away must not keep a manager from starting.
   *
   * @param ticker for how long a trouble lasts
   */
  public KubernetesExecutor(KubernetesSettings settings, Installation installation, Ticker ticker) {
    this(settings, installation, ticker, COMPARED_EVERY);
  }

  /**
   * For tests.
   *
   * @param comparedEvery period of holding the watches against lists
   */
  KubernetesExecutor(
      KubernetesSettings settings,
      Installation installation,
      Ticker ticker,
      Duration comparedEvery) {
    this.comparedEvery = comparedEvery;
    this.settings = settings;
    this.cluster = new Cluster(settings.access(), settings.namespace());
    this.labels = new WorkerLabels(name(), installation);
    this.manifest = new JobManifest(settings, labels);
    this.offers = new Offers(cluster);
    this.closure = new Closure(ticker);
    this.ticker = ticker;
  }

  /** Looks what is missing for it to work, and says it once in the log. */
  public void check() {
    RightsCheck.findings(cluster, manifest.needsSecret())
        .forEach(finding -> log.warn("executor cannot work: executor={}, {}", name(), finding));
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
    Job job;
    try {
      job = cluster.create(manifest.job(request, offers.userNamespaces()));
    } catch (KubernetesClientException e) {
      return e.getCode() == 409 ? conflict(request, e) : ApiAnswer.launch(e, cluster.where());
    }
    return manifest.needsSecret() ? handOver(request, job) : started(job);
  }

  /** The name is taken: by this very launch, or by a Job on its way out (K19). */
  private LaunchResult conflict(WorkerRequest request, KubernetesClientException conflict) {
    try {
      Optional<Job> present = cluster.job(request.name().value());
      if (present.isEmpty()) {
        return new LaunchResult.Unknown(
            "a Job of this name was there, and is gone: " + request.name());
      }
      Job job = present.get();
      if (!labels.areOf(request, job) || job.getMetadata().getDeletionTimestamp() != null) {
        return new LaunchResult.Unknown(ApiAnswer.words(conflict, cluster.where()));
      }
      return manifest.needsSecret() ? handOver(request, job) : started(job);
    } catch (KubernetesClientException e) {
      return new LaunchResult.Unknown(ApiAnswer.words(e, cluster.where()));
    }
  }

  // The Job is there, and its pod waits for the Secret: without it nothing ever runs.
  private LaunchResult handOver(WorkerRequest request, Job job) {
    String trouble;
    FailureClass failure = FailureClass.REFUSED;
    try {
      cluster.create(manifest.secret(request, job));
      return started(job);
    } catch (KubernetesClientException e) {
      if (e.getCode() == 409) {
        return started(job);
      }
      trouble = "the token's Secret was not made: " + ApiAnswer.words(e, cluster.where());
      LaunchResult meaning = ApiAnswer.launch(e, cluster.where());
      if (meaning instanceof LaunchResult.Unknown) {
        return takeBack(job, new LaunchResult.Unknown(trouble));
      }
      if (meaning instanceof LaunchResult.SurelyNothing(FailureClass why, String _)) {
        failure = why;
      }
    } catch (IOException e) {
      trouble = "a certificate for the worker cannot be read: " + e;
    }
    return takeBack(job, new LaunchResult.SurelyNothing(failure, trouble));
  }

  private LaunchResult takeBack(Job job, LaunchResult result) {
    try {
      cluster.delete(job.getMetadata().getName());
      return result;
    } catch (KubernetesClientException e) {
      return new LaunchResult.Unknown(
          "a Job was left without its Secret: " + ApiAnswer.words(e, cluster.where()));
    }
  }

  private static LaunchResult started(Job job) {
    return new LaunchResult.Started(WorkerLabels.id(job));
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    try {
      String name = worker.name().value();
      if (settings.common().keepFailed().isPresent() && isKept(name)) {
        return new StopResult.Asked();
      }
      cluster.delete(name);
      return new StopResult.Asked();
    } catch (KubernetesClientException e) {
      return new StopResult.Failed(ApiAnswer.words(e, cluster.where()));
    }
  }

  // Its time to live deletes it: until then somebody may look at it.
  private boolean isKept(String name) {
    return cluster.job(name).filter(KubernetesExecutor::hasFailed).isPresent()
        && cluster.podsOf(name).stream().allMatch(WorkerSight::isOver);
  }

  private static boolean hasFailed(Job job) {
    return WorkerSight.finished(job).filter(c -> "Failed".equals(c.getType())).isPresent();
  }

  /**
   * A pod that is being deleted is not gone, and one on a lost node may run on: gone is what the
   * cluster has seen to end, with no Job left that could make another pod.
   */
  @Override
  public Presence confirmGone(WorkerRef worker) {
    try {
      // The Job before its pods: in between it can only lose them.
      Optional<Job> job = cluster.job(worker.name().value());
      List<Pod> pods = cluster.podsOf(worker.name().value());
      boolean makesMore = job.isPresent() && WorkerSight.finished(job.get()).isEmpty();
      if (makesMore || !pods.stream().allMatch(WorkerSight::isOver)) {
        return new Presence.Present();
      }
      Sight sight = WorkerSight.read(job.orElse(null), pods, List.of());
      return new Presence.Gone(
          sight instanceof Sight.Ended(Exit exit, String _)
              ? new Exit(exit.how(), LastLines.masked(exit.lastLines()))
              : Exit.unknown());
    } catch (KubernetesClientException e) {
      return new Presence.Unknown(ApiAnswer.words(e, cluster.where()));
    }
  }

  @Override
  public Inventory list() {
    try {
      boolean kept = settings.common().keepFailed().isPresent();
      List<SeenWorker> workers =
          cluster.jobs(labels.selector()).stream()
              .filter(job -> !kept || !hasFailed(job))
              .flatMap(job -> WorkerLabels.seen(job).stream())
              .toList();
      return new Inventory.Listed(workers);
    } catch (KubernetesClientException e) {
      return new Inventory.Unavailable(ApiAnswer.words(e, cluster.where()));
    }
  }

  @Override
  public Watch watch(WorkerListener listener) {
    return ClusterWatch.start(cluster, labels, closure, listener, ticker, comparedEvery);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
