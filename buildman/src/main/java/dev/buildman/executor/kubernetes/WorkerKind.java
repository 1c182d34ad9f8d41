package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.WorkerExit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Map;

/** What the one container of a worker's pod is. */
interface WorkerKind {

  /** Whether a worker cannot begin without a Secret of its own. */
  boolean needsSecret();

  /** The container of one worker. */
  Written write(WorkerRequest request);

  /** Whether only what the container printed tells how the agent ended. */
  boolean printsItsEnd();

  /** How the agent ended, by how its container did. */
  WorkerExit exit(Exit container);

  /** A container, or why there can be none. */
  sealed interface Written {

    /**
     * Parts of a pod.
     *
     * @param secret content of the worker's Secret, by key; empty: it needs none
     */
    record Parts(Container container, List<Volume> volumes, Map<String, byte[]> secret)
        implements Written {}

    /** The sentence says what is to be done, and carries no secret. */
    record Impossible(String sentence) implements Written {}
  }
}
