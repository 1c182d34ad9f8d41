package dev.buildman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Processor time that the three parties have used, in seconds since their start. On a machine that
 * others use too it says more than a clock.
 */
record Cpu(double manager, double redis, double load) {
  /** Linux on every architecture that has a JDK of ours. */
  private static final double TICKS_A_SECOND = 100;

  private static final int AFTER_NAME = 2;
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  static Cpu now(long managerPid, long redisPid) throws IOException {
    return new Cpu(seconds(managerPid), seconds(redisPid), seconds(ProcessHandle.current().pid()));
  }

  Cpu since(Cpu before) {
    return new Cpu(manager - before.manager, redis - before.redis, load - before.load);
  }

  /** For one of so many operations, in microseconds. */
  Cpu each(double operations) {
    double scale = 1e6 / Math.max(operations, 1);
    return new Cpu(manager * scale, redis * scale, load * scale);
  }

  double sum() {
    return manager + redis + load;
  }

  private static double seconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + AFTER_NAME).split(" ", -1);
    return (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM])) / TICKS_A_SECOND;
  }

  /** Resident memory in MiB. */
  static double resident(long pid) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
    return lines.stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow()
        / 1024.0;
  }
}
