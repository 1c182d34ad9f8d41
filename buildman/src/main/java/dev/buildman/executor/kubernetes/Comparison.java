package dev.buildman.executor.kubernetes;

import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Ticker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what the watches brought against lists, now and then: a watch can fall silent without an
 * error (K16). What differs twice in a row, a period apart and unchanged, was not just under way.
 * On a thread of its own, as a server may take long for a list while its watches tell of an end.
 */
final class Comparison implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Comparison.class);

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Backoff ON_FAILURE =
      new Backoff(LOOK_EVERY, Duration.ofSeconds(30), 0.2, new Random());

  // With thousands of workers a list is tens of megabytes: it is asked for seldom enough to take no
  // more than this part of the time, of this manager's and of the API server's.
  private static final int SHARE = 50;

  // Time also passes when the server does not answer.
  private static final Duration AT_LEAST = Duration.ofMinutes(3);

  private final Lists lists;
  private final Duration every;
  private final Ticker ticker;
  private final Supplier<Informers> watches;
  private final Runnable missed;
  private final Loop loop;

  // Only the loop's thread comes to these.
  private Set<String> differed = Set.of();
  private Duration pause;
  private long compared;

  /** The cluster's own word on the workers of one executor. */
  record Lists(Cluster cluster, WorkerLabels labels) {
    List<Job> jobs() {
      return cluster.jobs(labels.selector());
    }

    List<Pod> pods() {
      return cluster.pods(labels.selector());
    }
  }

  private Comparison(
      Lists lists, Duration every, Ticker ticker, Supplier<Informers> watches, Runnable missed) {
    this.lists = lists;
    this.every = every;
    this.ticker = ticker;
    this.watches = watches;
    this.missed = missed;
    this.pause = every;
    this.compared = ticker.nanos();
    this.loop = Loop.start("kubernetes-compare", LOOK_EVERY, ON_FAILURE, this::runOnce);
  }

  /**
   * Starts comparing.
   *
   * @param every at most so often
   * @param watches those of now
   * @param missed called when the watches have missed what they will not bring any more
   */
  static Comparison start(
      Lists lists, Duration every, Ticker ticker, Supplier<Informers> watches, Runnable missed) {
    return new Comparison(lists, every, ticker, watches, missed);
  }

  private void runOnce() {
    if (ticker.since(compared).compareTo(pause) < 0) {
      return;
    }
    long began = ticker.nanos();
    boolean stale = isStale(watches.get());
    compared = ticker.nanos();
    Duration rest = Collections.min(List.of(ticker.since(began).multipliedBy(SHARE), AT_LEAST));
    pause = Collections.max(List.of(rest, every));
    if (stale) {
      missed.run();
    }
  }

  private boolean isStale(Informers informers) {
    Set<String> differs = new HashSet<>();
    try {
      differs.addAll(difference(lists.jobs(), informers.jobs()));
      differs.addAll(difference(lists.pods(), informers.pods()));
    } catch (KubernetesClientException e) {
      // Nothing to compare with: the watches say so themselves.
      log.debug("workers not compared: cause={}", e.toString());
      return false;
    }
    Set<String> twice = new HashSet<>(differs);
    twice.retainAll(differed);
    differed = differs;
    if (twice.isEmpty()) {
      return false;
    }
    log.warn("watch has missed changes, it is begun anew: objects={}", twice.size());
    differed = Set.of();
    return true;
  }

  private static Set<String> difference(
      List<? extends HasMetadata> listed, List<? extends HasMetadata> watched) {
    Set<String> truth = versions(listed);
    Set<String> seen = versions(watched);
    Set<String> difference =
        truth.stream().filter(v -> !seen.contains(v)).collect(Collectors.toSet());
    seen.stream().filter(v -> !truth.contains(v)).forEach(difference::add);
    return difference;
  }

  private static Set<String> versions(List<? extends HasMetadata> objects) {
    return objects.stream()
        .map(o -> o.getMetadata().getUid() + "@" + o.getMetadata().getResourceVersion())
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    loop.close();
  }
}
