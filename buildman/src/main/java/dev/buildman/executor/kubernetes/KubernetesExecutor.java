package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Closure;
import dev.buildman.executor.Executor;
import dev.buildman.executor.Exit;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs workers as Jobs, whose one container is the agent or boots a machine that runs it. */
public final class KubernetesExecutor implements Executor {

  private final KubernetesSettings settings;
  private final Cluster cluster;
  private final WorkerLabels labels;
  private final WorkerKind kind;
  private final JobManifest manifest;
  private final Launch launch;
  private final Offers offers;
  private final Closure closure;
  private final Ticker ticker;
  private final Retention retention;
  private final Duration comparedEvery;
  private volatile @Nullable ClusterWatch watch;

  // A watch may have fallen silent: so long it is believed.
  private static final Duration SILENCE = Duration.ofSeconds(2);

  // Two of these pass before a watch that fell silent is noticed; a list of each kind is its price.
  private static final Duration COMPARED_EVERY = Duration.ofSeconds(20);

  /**
   * Calls nothing yet: an API server that is away must not keep a manager from starting.
   *
   * @param ticker for how long a trouble lasts
   * @param clock for how long something has ended
   */
  public KubernetesExecutor(
      KubernetesSettings settings, Installation installation, Ticker ticker, InstantSource clock) {
    this(settings, installation, ticker, clock, COMPARED_EVERY);
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
      InstantSource clock,
      Duration comparedEvery) {
    this.comparedEvery = comparedEvery;
    this.settings = settings;
    this.cluster = new Cluster(settings.access(), settings.namespace());
    this.labels = new WorkerLabels(name(), installation);
    this.kind = settings.worker();
    this.manifest = new JobManifest(settings, labels);
    this.launch = new Launch(cluster, labels, kind, manifest);
    this.offers = new Offers(cluster);
    this.closure = new Closure(ticker);
    this.ticker = ticker;
    this.retention = new Retention(settings.common().keepFailed(), clock);
  }

  @Override
  public List<String> check() {
    return new StartCheck(cluster, settings, kind, manifest).findings();
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
    return launch.run(request, offers.userNamespaces());
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    try {
      String name = worker.name().value();
      if (retention.isOn() && isKept(name)) {
        return new StopResult.Asked();
      }
      ClusterWatch watching = watch;
      if (watching != null) {
        watching.deleted(name);
      }
      // With a Job all that belongs to it goes; only what has lost its own must be looked for
      // (K18).
      if (!cluster.delete(name)) {
        removeOrphans(name);
      }
      return new StopResult.Asked();
    } catch (KubernetesClientException e) {
      return new StopResult.Failed(ApiAnswer.words(e, cluster.where()));
    }
  }

  private void removeOrphans(String job) {
    // Before the pods: as long as one is there, somebody comes again.
    cluster.deleteSecret(job);
    cluster.podsOf(job).stream()
        .filter(Orphans::isOrphan)
        .forEach(pod -> cluster.deletePod(pod.getMetadata().getName()));
  }

  // Its time to live deletes it, or an orphan's age: until then somebody may look at it.
  private boolean isKept(String name) {
    List<Pod> pods = cluster.podsOf(name);
    if (!pods.stream().allMatch(Remains::isOver)) {
      return false;
    }
    return pods.stream().anyMatch(Remains::hasFailed)
        ? pods.stream().filter(Orphans::isOrphan).allMatch(retention::keeps)
        : cluster.job(name).filter(KubernetesExecutor::hasFailed).isPresent();
  }

  private boolean isKeptOrphan(Pod pod) {
    return Orphans.isOrphan(pod) && retention.keeps(pod);
  }

  private static boolean hasFailed(Job job) {
    return Remains.finished(job).filter(c -> "Failed".equals(c.getType())).isPresent();
  }

  /** By the cluster's word alone: watches lag behind it (K17). */
  @Override
  public Presence confirmGone(WorkerRef worker) {
    try {
      // The Job before its pods: in between it can only lose them.
      @Nullable Job job = cluster.job(worker.name().value()).orElse(null);
      List<Pod> pods = cluster.podsOf(worker.name().value());
      // What stays to be looked at runs no more, and comes into the inventory when its time is
      // over.
      List<Pod> others = pods.stream().filter(pod -> !isKeptOrphan(pod)).toList();
      if (!Remains.isGone(job, others)) {
        return new Presence.Present();
      }
      return new Presence.Gone(
          WorkerSight.read(job, pods, List.of()) instanceof Sight.Ended ended
              ? exit(ended)
              : Exit.unknown());
    } catch (KubernetesClientException e) {
      return new Presence.Unknown(ApiAnswer.words(e, cluster.where()));
    }
  }

  /**
   * An end that the watch has seen needs no request; as long as it tells of other things there is
   * no need to ask either.
   */
  @Override
  public Presence awaitGone(WorkerRef worker, Duration limit) throws InterruptedException {
    ClusterWatch watching = watch;
    if (watching == null) {
      return Executor.super.awaitGone(worker, limit);
    }
    long began = ticker.nanos();
    String name = worker.name().value();
    try (News.Subscription news = watching.newsOf(name)) {
      boolean heard = true;
      while (true) {
        Glimpse glimpse = watching.glimpse(name);
        if (glimpse instanceof Glimpse.Gone(Exit exit)) {
          return new Presence.Gone(exit(new Sight.Ended(exit, "")));
        }
        Duration left = limit.minus(ticker.since(began));
        if (!heard || glimpse instanceof Glimpse.Nothing || !left.isPositive()) {
          Presence presence = confirmGone(worker);
          if (!(presence instanceof Presence.Present) || !left.isPositive()) {
            return presence;
          }
        }
        heard = news.await(left.compareTo(SILENCE) < 0 ? left : SILENCE);
      }
    }
  }

  @Override
  public List<String> printed(WorkerRef worker) {
    try {
      return LastLines.masked(
          cluster.podsOf(worker.name().value()).stream()
              .flatMap(pod -> cluster.log(pod.getMetadata().getName()).lines())
              .toList());
    } catch (KubernetesClientException e) {
      return List.of();
    }
  }

  private Exit exit(Sight.Ended ended) {
    List<String> lines = new ArrayList<>(ended.exit().lastLines());
    if (kind.printsItsEnd() && !ended.pod().isEmpty()) {
      cluster.log(ended.pod()).lines().forEach(lines::add);
    }
    return new Exit(kind.exit(new Exit(ended.exit().how(), lines)), LastLines.masked(lines));
  }

  @Override
  public Inventory list() {
    try {
      // Jobs first: a pod without a Job is an orphan, or of a Job that has come since.
      List<Job> jobs = cluster.jobs(labels.selector());
      List<Pod> pods = cluster.pods(labels.selector());
      Stream<SeenWorker> workers =
          jobs.stream()
              .filter(job -> !retention.isOn() || !hasFailed(job))
              .flatMap(job -> WorkerLabels.seen(job).stream());
      return new Inventory.Listed(
          Stream.concat(workers, Orphans.without(jobs, pods, retention).stream()).toList());
    } catch (KubernetesClientException e) {
      return new Inventory.Unavailable(ApiAnswer.words(e, cluster.where()));
    }
  }

  @Override
  public Watch watch(WorkerListener listener) {
    Telling telling = new Telling(cluster, kind, listener);
    ClusterWatch started =
        ClusterWatch.start(
            cluster,
            labels,
            closure,
            telling,
            ticker,
            new ClusterWatch.Times(comparedEvery, settings.common().setupTime()));
    watch = started;
    return started;
  }

  @Override
  public void close() {
    cluster.close();
  }
}
