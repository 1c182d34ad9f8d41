package dev.buildman.cli;

import dev.buildman.proto.v1.Build;

/** Says at Ctrl-C that the build goes on without its watcher, and how to get at it again. */
final class Interruption {

  private Interruption() {}

  static Thread notice(Terminal terminal, Build build) {
    String id = build.getId();
    Thread notice =
        new Thread(
            () -> {
              terminal.err().println();
              terminal
                  .err()
                  .println(
                      "The build goes on: 'buildman logs -f %s' follows it, 'buildman cancel %s' ends it."
                          .formatted(id, id));
            },
            "interruption-notice");
    Runtime.getRuntime().addShutdownHook(notice);
    return notice;
  }

  /** The build ended first: there is nothing to say any more. */
  static void over(Thread notice) {
    try {
      boolean removed = Runtime.getRuntime().removeShutdownHook(notice);
      assert removed;
    } catch (IllegalStateException e) {
      // The program is ending already; the notice is being shown.
    }
  }
}
