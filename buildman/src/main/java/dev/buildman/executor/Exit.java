package dev.buildman.executor;

import dev.buildman.model.WorkerExit;
import java.util.List;

/**
 * The end of a worker, as far as its executor could see it.
 *
 * @param lastLines end of the worker's own output, oldest first, secrets masked
 */
public record Exit(WorkerExit how, List<String> lastLines) {

  public Exit {
    lastLines = List.copyOf(lastLines);
  }

  /** An end of which nothing is known. */
  public static Exit unknown() {
    return new Exit(WorkerExit.unknown(), List.of());
  }
}
