package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Keeps of watched objects what is ever read of them. What we asked for ourselves, and the server's
 * notes on who set which field, are most of their size, and a manager has thousands.
 */
final class SlimStore<T extends HasMetadata> extends BasicItemStore<T> {
  private final UnaryOperator<T> slim;

  /**
   * @param slim changes an object in place and returns it
   */
  SlimStore(UnaryOperator<T> slim) {
    super(Cache::metaNamespaceKeyFunc);
    this.slim = slim;
  }

  @Override
  public T put(String key, T object) {
    return super.put(key, slim.apply(object));
  }

  static <T extends HasMetadata> T withoutManagers(T object) {
    object.getMetadata().setManagedFields(List.of());
    return object;
  }

  static Job slim(Job job) {
    job.setSpec(null);
    return withoutManagers(job);
  }

  /** How many containers it has tells when the last one has ended. */
  static Pod slim(Pod pod) {
    PodSpec full = pod.getSpec();
    List<Container> containers =
        full == null
            ? List.of()
            : full.getContainers().stream()
                .map(Container::getName)
                .map(name -> new ContainerBuilder().withName(name).build())
                .toList();
    pod.setSpec(new PodSpecBuilder().withContainers(containers).build());
    return withoutManagers(pod);
  }
}
