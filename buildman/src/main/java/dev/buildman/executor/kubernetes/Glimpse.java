package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;

/**
 * What watches have shown of a worker. They lag behind the cluster: an end that was seen has come,
 * all else may have changed since.
 */
sealed interface Glimpse {

  /** It has come to its end, and if it was deleted, nothing of it is left. */
  record Gone(Exit exit) implements Glimpse {}

  /** Not all of it has come to an end. */
  record There() implements Glimpse {}

  /** Nothing: it is yet to come, or long gone. */
  record Nothing() implements Glimpse {}
}
