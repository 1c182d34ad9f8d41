package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How pods ended that a watch showed: soon after they are deleted, and then nobody else knows. The
 * latest are kept. Safe for any thread.
 */
final class EndedPods {
  // A duty that waits for its worker's end waits for seconds: far more than end meanwhile.
  private static final int KEPT = 5_000;

  private final Map<String, Exit> exits =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Exit> eldest) {
              return size() > KEPT;
            }
          });

  /** Takes note of a pod that was seen, if it has ended. */
  void see(String job, Pod pod) {
    if (Remains.isOver(pod)) {
      exits.put(job, WorkerSight.exit(null, List.of(pod)));
    }
  }

  /** How the pod of that Job ended; empty: that was not seen. */
  Optional<Exit> of(String job) {
    return Optional.ofNullable(exits.get(job));
  }
}
