package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Closure;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.model.Reason;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Ticker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells what becomes of the workers of one executor: within milliseconds of the watch event that
 * shows it, and without one within the period of a comparison.
 */
final class ClusterWatch implements Watch {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Backoff ON_FAILURE =
      new Backoff(PERIOD, Duration.ofSeconds(30), 0.2, new Random());

  // How long launches are refused after what a worker ran into; each new sight of it renews that.
  private static final Duration CLOSED_FOR_QUOTA = Duration.ofSeconds(10);
  private static final Duration CLOSED_FOR_ROOM = Duration.ofSeconds(30);
  private static final Duration CLOSED_FOR_SETUP = Duration.ofSeconds(60);

  /**
   * Its periods.
   *
   * @param comparedEvery of holding the watches against lists, at most so often
   * @param setup from a launch to the registration of its agent
   */
  record Times(Duration comparedEvery, Duration setup) {}

  private record Trouble(Reason reason, long since, boolean told) {}

  private final Cluster cluster;
  private final WorkerLabels labels;
  private final Closure closure;
  private final Telling telling;
  private final Ticker ticker;
  private final Times times;
  private final Set<String> dirty = ConcurrentHashMap.newKeySet();
  // How a pod ended: soon after that it is deleted, and then nobody else knows.
  private final Latest<Exit> ended = new Latest<>();
  private final Latest<Boolean> deleted = new Latest<>();
  private final News news = new News();

  // Only the loop's thread comes to these.
  private final Map<String, SeenWorker> known = new HashMap<>();
  private final Map<String, Trouble> troubles = new HashMap<>();
  private @Nullable Informers lookedAt;

  private volatile Informers informers;
  private boolean closed;
  private final Loop loop;
  private final Comparison comparison;

  private ClusterWatch(
      Cluster cluster,
      WorkerLabels labels,
      Closure closure,
      Telling telling,
      Ticker ticker,
      Times times) {
    this.cluster = cluster;
    this.labels = labels;
    this.closure = closure;
    this.telling = telling;
    this.ticker = ticker;
    this.times = times;
    this.informers = new Informers(cluster, labels, seen());
    this.loop = Loop.start("kubernetes-watch", PERIOD, ON_FAILURE, this::runOnce);
    this.comparison =
        Comparison.start(
            new Comparison.Lists(cluster, labels),
            times.comparedEvery(),
            ticker,
            () -> informers,
            this::watchAnew);
  }

  static ClusterWatch start(
      Cluster cluster,
      WorkerLabels labels,
      Closure closure,
      Telling telling,
      Ticker ticker,
      Times times) {
    return new ClusterWatch(cluster, labels, closure, telling, ticker, times);
  }

  private Informers.Seen seen() {
    return new Informers.Seen() {
      @Override
      public void listed() {
        wake();
      }

      @Override
      public void of(String job) {
        dirty.add(job);
        wake();
        news.seen(job);
      }

      @Override
      public void pod(String job, Pod pod) {
        if (Remains.isOver(pod)) {
          ended.put(job, WorkerSight.exit(null, List.of(pod)));
        }
      }
    };
  }

  // Events may come while the constructor still runs: the loop looks by itself within a second.
  private void wake() {
    Loop running = loop;
    if (running != null) {
      running.wake();
    }
  }

  // A comparison whose list hung may come here while, or after, this is closed.
  private synchronized void watchAnew() {
    if (closed) {
      return;
    }
    informers.close();
    informers = new Informers(cluster, labels, seen());
  }

  private synchronized void watchNoMore() {
    closed = true;
    informers.close();
  }

  /** Whether anything of a worker has been seen, and its end too. */
  Glimpse glimpse(String name) {
    Informers now = informers;
    if (!now.haveListed()) {
      // What they do not show may be there, as a pod that lost its Job while a watch was silent.
      return new Glimpse.Nothing();
    }
    Job job = now.job(name);
    List<Pod> pods = now.podsOf(name);
    if (job == null && pods.isEmpty()) {
      return ended.of(name).<Glimpse>map(Glimpse.Gone::new).orElseGet(Glimpse.Nothing::new);
    }
    // Of a deleted Job's pods one might have lost it, unseen here, and then nothing removes it
    // (K18).
    boolean leaves = job == null || deleted.of(name).isPresent();
    return !leaves && !pods.isEmpty() && Remains.isGone(job, pods)
        ? new Glimpse.Gone(WorkerSight.exit(job, pods))
        : new Glimpse.There();
  }

  /** Its Job was deleted just now: it is gone when its pods are. */
  void deleted(String name) {
    deleted.put(name, true);
  }

  /** Tells when to take another glimpse. */
  News.Subscription newsOf(String name) {
    return news.of(name);
  }

  private void runOnce() {
    Informers now = informers;
    if (!now.haveListed()) {
      // Until then workers look as if somebody had deleted them.
      return;
    }
    Set<String> names = new HashSet<>(dirty);
    dirty.removeAll(names);
    names.addAll(troubles.keySet());
    names.addAll(telling.again());
    if (now != lookedAt) {
      // What went while the ones before were silent, these never had.
      lookedAt = now;
      names.addAll(known.keySet());
    }
    names.forEach(name -> look(now, name));
  }

  private void look(Informers now, String name) {
    Job job = now.job(name);
    List<Pod> pods = now.podsOf(name);
    SeenWorker worker = known.computeIfAbsent(name, _ -> WorkerLabels.seen(job, pods).orElse(null));
    if (worker == null) {
      // An event came before what it speaks of.
      return;
    }
    Sight sight = WorkerSight.read(job, pods, now.warningsOf(name));
    switch (sight) {
      case Sight.Well() -> troubles.remove(name);
      case Sight.Trouble trouble -> trouble(worker, name, trouble);
      case Sight.TakenAway(Reason reason, String sentence) ->
          telling.once(new WorkerEvent.Notice(worker, reason, sentence));
      case Sight.Ended ended -> telling.end(worker, ended);
    }
    if (job == null && pods.isEmpty()) {
      known.remove(name);
      troubles.remove(name);
      telling.forget(name);
    }
  }

  private void trouble(SeenWorker worker, String name, Sight.Trouble trouble) {
    Trouble before = troubles.get(name);
    boolean fresh = before == null || before.reason() != trouble.reason();
    Trouble now =
        fresh
            ? new Trouble(trouble.reason(), ticker.nanos(), false)
            : Objects.requireNonNull(before);
    boolean over = ticker.since(now.since()).compareTo(patience(trouble)) >= 0;
    if (over) {
      close(trouble);
      if (!now.told()) {
        telling.once(new WorkerEvent.Stuck(worker, trouble.reason(), trouble.sentence()));
        now = new Trouble(now.reason(), now.since(), true);
      }
    } else if (fresh) {
      telling.once(new WorkerEvent.Remark(worker, trouble.reason(), trouble.sentence()));
    }
    troubles.put(name, now);
  }

  // Told in time: an attempt whose setup time is over costs a try, and one without room none.
  private Duration patience(Sight.Trouble trouble) {
    Duration most = times.setup().multipliedBy(3).dividedBy(4);
    return Collections.min(List.of(trouble.patience(), most));
  }

  private void close(Sight.Trouble trouble) {
    switch (trouble.reason()) {
      case QUOTA_EXCEEDED ->
          closure.close(FailureClass.OVER_QUOTA, trouble.sentence(), CLOSED_FOR_QUOTA);
      case UNSCHEDULABLE ->
          closure.close(FailureClass.NO_CAPACITY, trouble.sentence(), CLOSED_FOR_ROOM);
      case SECCOMP_PROFILE_MISSING, EXECUTOR_UNAVAILABLE ->
          closure.close(FailureClass.REFUSED, trouble.sentence(), CLOSED_FOR_SETUP);
      default -> {}
    }
  }

  @Override
  public void close() {
    telling.close();
    comparison.close();
    loop.close();
    watchNoMore();
  }
}
