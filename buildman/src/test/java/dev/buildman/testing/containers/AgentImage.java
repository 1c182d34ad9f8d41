package dev.buildman.testing.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * An image of our agent as it is distributed, on nothing but busybox and the machine's C library:
 * enough for the embedded engine, and made within seconds.
 */
public final class AgentImage {
  private static final String MAKE =
      """
      set -eu
      mkdir -p "$2/bin" "$2/opt" "$2/tmp" "$2/var/tmp" "$2/run" "$2/proc" "$2/sys" "$2/dev" "$2/etc"
      chmod 1777 "$2/tmp" "$2/var/tmp"
      cp -al "$1" "$2/opt/builder-agent" 2>/dev/null || cp -a "$1" "$2/opt/builder-agent"
      cp /bin/busybox "$2/bin/busybox"
      for applet in sh readlink cat setsid; do ln -s busybox "$2/bin/$applet"; done
      for file in "$1/runtime/bin/java" $(find "$1/runtime" -name '*.so'); do
        ldd "$file" 2>/dev/null || true
      done | grep -o '/lib[^ ]*' | sort -u | while read -r library; do
        case $library in "$1"/*) continue ;; esac
        [ -e "$library" ] || continue
        mkdir -p "$2$(dirname "$library")"
        cp -L "$library" "$2$library"
      done
      tar -C "$2" -cf "$2.tar" .
      rm -rf "$2"
      """;

  private AgentImage() {}

  /**
   * Makes it on a daemon, under this name.
   *
   * @param distribution of the agent, with its runtime
   */
  public static void make(ContainerDaemon daemon, Path folder, Path distribution, String name)
      throws IOException, InterruptedException {
    Path root = folder.resolve("agent-image");
    Process made =
        new ProcessBuilder("sh", "-c", MAKE, "make-image", distribution.toString(), root.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(made.waitFor()).as(said).isZero();
    daemon.client(
        "import",
        "--change",
        "ENTRYPOINT [\"/opt/builder-agent/bin/builder-agent\"]",
        "--change",
        "ENV PATH=/bin",
        root + ".tar",
        name);
  }
}
