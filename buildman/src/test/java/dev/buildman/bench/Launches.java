package dev.buildman.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The load generator's side of an executor: hears of launches, tells who has gone. */
interface Launches extends AutoCloseable {
  /** A worker that was launched. */
  record Launched(String name, String build, String token) {}

  /** Who plays the agents of workers that are launched from now on. */
  void playedBy(Consumer<Launched> players);

  /** A worker has ended. */
  void gone(String name);

  /** The program of a manager that launches here. */
  String main();

  /** Its arguments. */
  List<String> arguments(Path config);

  /** Its executor, as an item of {@code EXECUTORS}. */
  String executor();

  @Override
  void close() throws IOException;
}
