package dev.buildman.e2e;

import java.io.IOException;

/** Sends signals that Java cannot. */
final class Signals {
  private Signals() {}

  static void send(String signal, long pid) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new IOException("signal " + signal + " could not be sent to " + pid);
    }
  }
}
