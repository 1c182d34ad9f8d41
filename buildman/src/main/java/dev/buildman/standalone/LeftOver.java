package dev.buildman.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The Redis process that an earlier manager left in a folder, told by what Redis itself wrote. */
final class LeftOver {

  static final String PID_FILE = "redis.pid";

  private LeftOver() {}

  /** The process, when it is alive and works in that folder. */
  static Optional<ProcessHandle> in(Path folder) throws IOException {
    Path file = folder.resolve(PID_FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    String pid = Files.readString(file).strip();
    if (!pid.matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(pid))
        .filter(ProcessHandle::isAlive)
        .filter(process -> worksIn(process, folder));
  }

  /** Redis changes to its data folder; process ids come again, so this has to hold too. */
  private static boolean worksIn(ProcessHandle process, Path folder) {
    Path current = Path.of("/proc", Long.toString(process.pid()), "cwd");
    try {
      return Files.isSameFile(current, folder);
    } catch (IOException e) {
      return false;
    }
  }
}
