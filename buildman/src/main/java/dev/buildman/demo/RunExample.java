package dev.buildman.demo;

import dev.buildman.client.BuildsClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The example with real RUN steps, on a base image made of this machine's busybox where it has one.
 */
record RunExample(BuildsClient client, String registry, Examples examples, Screen screen) {
  void show() throws IOException, InterruptedException {
    Optional<Path> busybox = examples.busybox();
    Map<String, String> arguments = Map.of();
    screen.say("");
    if (busybox.isPresent()) {
      screen.say("Real RUN steps, on a base image made of this machine's busybox:");
      Board base = new Board(client, registry, screen, build -> {});
      base.enqueue("library/busybox", busybox.get(), Map.of());
      base.followAll();
      arguments = Map.of("BASE", registry + "/library/busybox:demo");
    } else {
      screen.say(
          "Real RUN steps, on the public busybox (package busybox-static: without network):");
    }
    Board board = new Board(client, registry, screen, build -> {});
    board.enqueue("acme/run", examples.run(), arguments);
    try {
      board.followAll();
    } catch (DemoFailed e) {
      // buildah may be there without what it needs to run as this user: the agent's sentence says
      // what.
      screen.say("It could not be shown here: " + e.getMessage());
    }
  }
}
