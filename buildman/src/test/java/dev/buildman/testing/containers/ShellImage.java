package dev.buildman.testing.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** An image of Debian's static busybox whose agent is a shell that runs {@code $TEST_AGENT}. */
public final class ShellImage {
  private static final String ENTRYPOINT =
      "trap 'kill -TERM $agent' TERM; sh -c \\\"$TEST_AGENT\\\" & agent=$!;"
          + " wait $agent; code=$?; [ $code -ne 143 ] || { wait $agent; code=$?; }; exit $code";

  private ShellImage() {}

  /** Makes it on a daemon, under this name. */
  public static void make(ContainerDaemon daemon, Path folder, String name)
      throws IOException, InterruptedException {
    Path root = folder.resolve("shell-image");
    Path bin = Files.createDirectories(root.resolve("bin"));
    for (String directory : List.of("tmp", "var/tmp", "run", "proc", "sys", "dev", "etc")) {
      Files.createDirectories(root.resolve(directory));
    }
    Files.setPosixFilePermissions(
        root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    Files.setPosixFilePermissions(
        bin.resolve("busybox"), PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String applet : List.of("sh", "cat", "sleep", "dd", "id", "ls", "touch")) {
      Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
    }
    Path tar = folder.resolve("shell-image.tar");
    Process packed =
        new ProcessBuilder("tar", "-C", root.toString(), "-cf", tar.toString(), ".")
            .inheritIO()
            .start();
    if (packed.waitFor() != 0) {
      throw new IOException("tar failed");
    }
    daemon.client(
        "import",
        "--change",
        "ENTRYPOINT [\"/bin/sh\",\"-c\",\"" + ENTRYPOINT + "\"]",
        "--change",
        "ENV PATH=/bin",
        tar.toString(),
        name);
  }
}
