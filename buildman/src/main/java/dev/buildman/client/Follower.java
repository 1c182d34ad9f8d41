package dev.buildman.client;

import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import java.util.List;

/** Is told what happens to a followed build, by one thread. */
public interface Follower {

  /** The build has changed. */
  void onBuild(Build build);

  /** New lines of its history, oldest first; after the build that they led to. */
  void onEvents(List<Event> events);

  /** New log entries, in order and without gaps. */
  void onLog(long index, List<LogEntry> entries);

  /** The manager went away; it is called again until it is back or given up. */
  void onAway(String text);

  /** The manager is back. */
  void onBack();
}
