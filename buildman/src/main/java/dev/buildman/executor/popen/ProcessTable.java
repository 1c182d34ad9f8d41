package dev.buildman.executor.popen;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The machine's processes, read from {@code /proc}. A process that ends while it is read is left
 * out; so is what the kernel does not show to this user.
 */
final class ProcessTable {
  private final Path proc;

  ProcessTable() {
    this(Path.of("/proc"));
  }

  ProcessTable(Path proc) {
    this.proc = proc;
  }

  /** All processes that live, by pid. */
  Map<Long, ProcessStat> living() throws IOException {
    Map<Long, ProcessStat> found = new TreeMap<>();
    for (long pid : pids()) {
      read(pid).filter(ProcessStat::lives).ifPresent(stat -> found.put(pid, stat));
    }
    return found;
  }

  /** One process, living or a zombie. */
  Optional<ProcessStat> read(long pid) {
    return line(pid).flatMap(ProcessStat::parse);
  }

  /** The line that {@link ProcessStat#parse} reads. */
  Optional<String> line(long pid) {
    return text(proc.resolve(Long.toString(pid)).resolve("stat"));
  }

  /** The environment that a process was started with; empty where it cannot be read. */
  List<String> environment(long pid) {
    return text(proc.resolve(Long.toString(pid)).resolve("environ"))
        .map(text -> List.of(text.split("\0")))
        .orElse(List.of());
  }

  /** Whether its working directory or its root lies in a folder, as after a chroot. */
  boolean isInside(long pid, Path folder) {
    Path process = proc.resolve(Long.toString(pid));
    return linksInto(process.resolve("cwd"), folder) || linksInto(process.resolve("root"), folder);
  }

  private static boolean linksInto(Path link, Path folder) {
    try {
      return Files.readSymbolicLink(link).startsWith(folder);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private List<Long> pids() throws IOException {
    List<Long> pids = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path entry : entries) {
        pids.add(Long.parseLong(entry.getFileName().toString()));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return pids;
  }

  // ISO-8859-1: environments and command names are bytes, and none may fail to decode.
  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
