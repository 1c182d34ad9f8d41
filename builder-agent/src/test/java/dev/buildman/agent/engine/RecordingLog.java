package dev.buildman.agent.engine;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what an engine wrote. */
public final class RecordingLog implements EngineLog {

  private final Map<String, CountDownLatch> awaited = new ConcurrentHashMap<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** A latch that goes down when an entry with this text is written. */
  public CountDownLatch await(String text) {
    CountDownLatch latch = new CountDownLatch(1);
    awaited.put(text, latch);
    return latch;
  }

  private void add(String line) {
    lines.add(line);
    awaited.forEach(
        (text, latch) -> {
          if (line.contains(text)) {
            latch.countDown();
          }
        });
  }

  @Override
  public void step(int number, int total, String instruction) {
    add("Step " + number + "/" + total + " : " + instruction);
  }

  @Override
  public void output(String text) {
    add(text);
  }

  @Override
  public void status(String status) {
    add(status);
  }

  @Override
  public void progress(String id, String status, long current, long total) {
    add(id + ": " + status + " " + current + "/" + total);
  }

  /** All entries in their order. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** All entries as one text. */
  public String text() {
    return String.join("\n", lines);
  }
}
