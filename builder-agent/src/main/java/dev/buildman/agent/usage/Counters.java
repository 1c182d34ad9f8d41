package dev.buildman.agent.usage;

import java.io.IOException;
import java.time.Duration;

/** Where figures of processes come from. */
interface Counters {
  /** Processor time since some beginning; never goes back by more than what ended meanwhile. */
  Duration processorTime() throws IOException;

  long memoryBytes() throws IOException;
}
