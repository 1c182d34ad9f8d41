package planted.runtime;

/** Innocent: the one place below the root that may. */
final class Free {
  long allowed() throws InterruptedException {
    Thread.sleep(0);
    return System.nanoTime();
  }
}
