package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** One watch: writes the changes of a kind as they come, or as badly as a test wants. */
final class WatchStream {

  /** How all watches of a server behave. */
  static final class Mood {
    volatile boolean silent;
    volatile boolean bookmarks;
    volatile boolean twice;
    volatile boolean swapped;
    volatile long oldest;
    final AtomicInteger generation = new AtomicInteger();
  }

  private static final int BOOKMARK_EVERY_MS = 300;

  private final ObjectStore store;
  private final Mood mood;
  private final String kind;
  private final Predicate<ObjectNode> selected;
  private final UnaryOperator<ObjectNode> typed;
  private final int generation;

  /**
   * @param typed adds kind and version to an object
   */
  WatchStream(
      ObjectStore store,
      Mood mood,
      String kind,
      Predicate<ObjectNode> selected,
      UnaryOperator<ObjectNode> typed) {
    this.store = store;
    this.mood = mood;
    this.kind = kind;
    this.selected = selected;
    this.typed = typed;
    this.generation = mood.generation.get();
  }

  /** Writes until the server ends all watches. */
  void write(OutputStream out, long after) throws IOException, InterruptedException {
    if (after > 0 && after < Math.max(mood.oldest, store.forgotten())) {
      line(out, "ERROR", Faults.statusOf(410, "too old resource version: " + after));
      return;
    }
    BlockingQueue<ObjectStore.Change> changes = new LinkedBlockingQueue<>();
    Runnable end = store.watch(after, changes::add);
    Optional<ObjectStore.Change> held = Optional.empty();
    int quiet = 0;
    try {
      out.flush();
      while (mood.generation.get() == generation) {
        ObjectStore.Change change = changes.poll(50, TimeUnit.MILLISECONDS);
        if (change == null) {
          if (held.isPresent()) {
            tell(out, held.get());
            held = Optional.empty();
          }
          quiet += 50;
          if (mood.bookmarks && quiet >= BOOKMARK_EVERY_MS) {
            quiet = 0;
            bookmark(out);
          }
        } else if (concerns(change)) {
          if (mood.swapped && held.isEmpty()) {
            held = Optional.of(change);
            continue;
          }
          tell(out, change);
          if (held.isPresent()) {
            tell(out, held.get());
            held = Optional.empty();
          }
        }
      }
    } finally {
      end.run();
    }
  }

  private boolean concerns(ObjectStore.Change change) {
    return !mood.silent && change.kind().equals(kind) && selected.test(change.object());
  }

  private void tell(OutputStream out, ObjectStore.Change change) throws IOException {
    for (int times = mood.twice ? 2 : 1; times > 0; times--) {
      line(out, change.type(), typed.apply(change.object().deepCopy()));
    }
  }

  private void bookmark(OutputStream out) throws IOException {
    ObjectNode object = ObjectStore.object();
    object.putObject("metadata").put("resourceVersion", Long.toString(store.version()));
    line(out, "BOOKMARK", typed.apply(object));
  }

  private static void line(OutputStream out, String type, ObjectNode object) throws IOException {
    ObjectNode line = ObjectStore.object();
    line.put("type", type);
    line.set("object", object);
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
