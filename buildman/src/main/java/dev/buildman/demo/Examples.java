package dev.buildman.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders that the demo builds, made ready in a work folder.
 *
 * @param source where the examples lie as they are in the repository
 * @param work where they are completed
 */
record Examples(Path source, Path work) {
  private static final List<Path> BUSYBOX =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));

  /** {@code examples/hello} with its program, a static binary. */
  Path hello(Path program) throws IOException {
    Path folder = copy("hello");
    Files.copy(program, folder.resolve("redis-server"), StandardCopyOption.REPLACE_EXISTING);
    return folder;
  }

  /** {@code examples/run}, whose base image is an argument. */
  Path run() throws IOException {
    return copy("run");
  }

  /**
   * A base image of this machine's busybox, where it has one: its program under every name that the
   * example calls.
   */
  Optional<Path> busybox() throws IOException {
    Optional<Path> program = BUSYBOX.stream().filter(Files::isExecutable).findFirst();
    if (program.isEmpty()) {
      return Optional.empty();
    }
    Path folder = Files.createDirectories(work.resolve("busybox"));
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Files.copy(program.get(), bin.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
    for (String name : List.of("sh", "mkdir", "seq", "sha256sum", "echo", "id", "uname", "cat")) {
      Path link = bin.resolve(name);
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, Path.of("busybox"));
    }
    Path etc = Files.createDirectories(folder.resolve("etc"));
    Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/:/bin/sh\n");
    Files.writeString(
        folder.resolve("Dockerfile"),
        """
        FROM scratch
        COPY --chmod=0755 bin /bin
        COPY etc /etc
        ENV PATH=/bin
        CMD ["sh"]
        """);
    return Optional.of(folder);
  }

  private Path copy(String name) throws IOException {
    Path from = source.resolve(name);
    Path to = Files.createDirectories(work.resolve(name));
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }
}
