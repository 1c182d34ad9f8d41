package dev.buildman.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What {@code /proc} says of processes; nothing of those that end while it is read. */
final class ProcFs {
  private static final Path PROC = Path.of("/proc");
  // Fields after the program's name, which may hold blanks and parentheses itself: proc(5).
  private static final int STATE = 0;
  private static final int SESSION = 3;

  /**
   * One process.
   *
   * @param session id of its session
   * @param running false for a zombie, which is nothing but an exit status
   */
  record Stat(long session, boolean running) {}

  private ProcFs() {}

  static Optional<Stat> stat(long pid) {
    try {
      String line = Files.readString(PROC.resolve(pid + "/stat"));
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", SESSION + 2);
      char state = fields[STATE].charAt(0);
      return Optional.of(new Stat(Long.parseLong(fields[SESSION]), state != 'Z' && state != 'X'));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  static boolean running(long pid) {
    return stat(pid).map(Stat::running).orElse(false);
  }

  /** Whether the process runs in the session. */
  static boolean inSession(long pid, long session) {
    return stat(pid).filter(Stat::running).map(s -> s.session() == session).orElse(false);
  }
}
