package dev.buildman.executor.boot;

import dev.buildman.model.WorkerExit;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an agent in a machine ended: the machine prints it on its console before it switches itself
 * off, and nothing else knows.
 */
public final class MachineEnd {
  private static final Pattern ENDED =
      Pattern.compile(Pattern.quote(Machine.ENDED) + "(\\d{1,3})(?: result=([a-z-]+))?");
  // The kernel's words, when the whole machine had no memory left.
  private static final Pattern NO_MEMORY = Pattern.compile("Out of memory: Killed process \\d+");

  /** What a shell and a container program add to the number of a signal. */
  private static final int SIGNALLED = 128;

  private static final int LAST_SIGNAL = 64;
  private static final int KILLED = 9;

  private MachineEnd() {}

  /** Whether the console shows that the agent has ended. */
  public static boolean isShown(List<String> console) {
    return console.stream().anyMatch(line -> ENDED.matcher(line).find());
  }

  /**
   * What is known of the agent's end.
   *
   * @param console the end of what the machine printed
   */
  public static WorkerExit read(List<String> console) {
    WorkerExit agent = WorkerExit.unknown();
    boolean memory = false;
    for (String line : console) {
      memory |= NO_MEMORY.matcher(line).find();
      Matcher ended = ENDED.matcher(line);
      if (ended.find()) {
        int status = Integer.parseInt(ended.group(1));
        boolean killed = status == SIGNALLED + KILLED && memory;
        agent = exit(status, killed || "oom-kill".equals(ended.group(2)));
      }
    }
    return agent;
  }

  private static WorkerExit exit(int status, boolean outOfMemory) {
    int signal = status - SIGNALLED;
    if (outOfMemory) {
      return new WorkerExit(OptionalInt.of(status), Math.max(0, signal), true);
    }
    return signal > 0 && signal <= LAST_SIGNAL
        ? WorkerExit.bySignal(signal)
        : WorkerExit.withStatus(status);
  }
}
