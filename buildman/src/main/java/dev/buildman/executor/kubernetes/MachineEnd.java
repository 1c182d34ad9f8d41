package dev.buildman.executor.kubernetes;

import dev.buildman.executor.boot.Machine;
import dev.buildman.model.WorkerExit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an agent in a machine ended. The emulator's own exit status says nothing of it; the machine
 * prints it on its console before it switches itself off.
 */
final class MachineEnd {
  private static final Pattern ENDED =
      Pattern.compile(Pattern.quote(Machine.ENDED) + "(\\d{1,3})\\b");

  private MachineEnd() {}

  /**
   * What is known of the agent's end.
   *
   * @param emulator as its container ended
   * @param console the end of what the machine printed
   */
  static WorkerExit read(WorkerExit emulator, List<String> console) {
    if (emulator.outOfMemory()) {
      return emulator;
    }
    WorkerExit agent = WorkerExit.unknown();
    for (String line : console) {
      Matcher ended = ENDED.matcher(line);
      if (ended.find()) {
        agent = WorkerSight.exit(Integer.parseInt(ended.group(1)));
      }
    }
    return agent;
  }
}
