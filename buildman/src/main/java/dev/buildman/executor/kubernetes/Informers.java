package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's Jobs, pods and warnings of one executor, kept up to date by watches: relisted when
 * a watch ends, is refused or is too old (K16), for as long as this is open.
 */
final class Informers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Informers.class);
  private static final String BY_WORKER = "worker";

  private final Cluster cluster;
  private final AtomicReference<String> said = new AtomicReference<>("");
  private volatile boolean closed;
  private final String namespace;
  private final SharedIndexInformer<Job> jobs;
  private final SharedIndexInformer<Pod> pods;
  private final SharedIndexInformer<Event> warnings;

  /** Takes what watches saw; must return at once. Called from any thread. */
  interface Seen {
    /** One of the lists is there. */
    void listed();

    /** Something was seen of a Job, or of what belongs to it. */
    void of(String job);

    /** A pod was seen, perhaps for the last time; {@link #of} follows. */
    void pod(String job, Pod pod);
  }

  Informers(Cluster cluster, WorkerLabels labels, Seen seen) {
    this.cluster = cluster;
    this.namespace = cluster.namespace();
    this.jobs =
        cluster
            .client()
            .batch()
            .v1()
            .jobs()
            .inNamespace(namespace)
            .withLabels(labels.selector())
            .runnableInformer(0);
    this.pods =
        cluster
            .client()
            .pods()
            .inNamespace(namespace)
            .withLabels(labels.selector())
            .runnableInformer(0);
    // All that is ever read of events: a namespace has several times as many that say "as usual".
    this.warnings =
        cluster
            .client()
            .v1()
            .events()
            .inNamespace(namespace)
            .withField("type", "Warning")
            .runnableInformer(0);
    jobs.itemStore(new SlimStore<>(SlimStore::slim));
    pods.itemStore(new SlimStore<>(SlimStore::slim));
    warnings.itemStore(new SlimStore<>(SlimStore::withoutManagers));
    pods.addIndexers(Map.of(BY_WORKER, pod -> List.of(workerOf(pod))));
    warnings.addIndexers(Map.of(BY_WORKER, event -> List.of(workerOf(event))));
    begin(jobs, seen, job -> seen.of(job.getMetadata().getName()));
    begin(
        pods,
        seen,
        pod -> {
          seen.pod(workerOf(pod), pod);
          seen.of(workerOf(pod));
        });
    begin(warnings, seen, event -> seen.of(workerOf(event)));
  }

  private <T extends HasMetadata> void begin(
      SharedIndexInformer<T> informer, Seen seen, Consumer<T> changed) {
    informer.exceptionHandler(
        (_, trouble) -> {
          say(trouble);
          return true;
        });
    informer.addEventHandler(
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(T added) {
            changed.accept(added);
          }

          @Override
          public void onUpdate(T before, T after) {
            changed.accept(after);
          }

          @Override
          public void onDelete(T last, boolean unknown) {
            changed.accept(last);
          }
        });
    informer
        .start()
        .whenComplete(
            (_, trouble) -> {
              if (trouble != null) {
                say(trouble);
              }
              seen.listed();
            });
  }

  // Each trouble once: an API server that is away is away for all three, every second.
  private void say(Throwable trouble) {
    if (closed) {
      return;
    }
    String words = trouble.toString();
    if (!words.equals(said.getAndSet(words))) {
      log.warn("watch broken, it is begun anew: server={}, cause={}", cluster.where(), words);
    }
  }

  private static String workerOf(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? "" : labels.getOrDefault(WorkerLabels.JOB_NAME, "");
  }

  // A pod's name is its Job's and a suffix of five.
  private static String workerOf(Event event) {
    ObjectReference object = event.getInvolvedObject();
    if (object == null || object.getName() == null) {
      return "";
    }
    String name = object.getName();
    int suffix = name.lastIndexOf('-');
    return "Pod".equals(object.getKind()) && suffix > 0 ? name.substring(0, suffix) : name;
  }

  /** Whether what is not known here was not there either, when they began. */
  boolean haveListed() {
    return jobs.hasSynced() && pods.hasSynced();
  }

  /** All Jobs that are known. */
  List<Job> jobs() {
    return jobs.getStore().list();
  }

  /** The Job of that name, if it is known. */
  @Nullable Job job(String name) {
    return jobs.getStore().getByKey(Cache.namespaceKeyFunc(namespace, name));
  }

  /** All pods that are known. */
  List<Pod> pods() {
    return pods.getStore().list();
  }

  List<Pod> podsOf(String job) {
    return pods.getIndexer().byIndex(BY_WORKER, job);
  }

  /** Those of a Job and its pods, the newest last. */
  List<Event> warningsOf(String job) {
    return warnings.getIndexer().byIndex(BY_WORKER, job).stream()
        .sorted(Comparator.comparing(e -> String.valueOf(e.getLastTimestamp())))
        .toList();
  }

  @Override
  public void close() {
    closed = true;
    jobs.close();
    pods.close();
    warnings.close();
  }
}
