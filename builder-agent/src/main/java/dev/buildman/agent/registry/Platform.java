package dev.buildman.agent.registry;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An operating system and processor as image indexes name them.
 *
 * @param os {@code linux}
 * @param architecture Go's word: {@code amd64}, {@code arm64}
 * @param variant {@code v7} and the like; null when any will do
 */
public record Platform(String os, String architecture, @Nullable String variant) {
  /** Reads {@code os/architecture[/variant]}. */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new IllegalArgumentException("a platform reads os/architecture[/variant]: " + text);
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : null);
  }

  /** Linux on this machine's processor: what its containers can run. */
  public static Platform ofThisMachine() {
    String arch = System.getProperty("os.arch", "amd64").toLowerCase(Locale.ROOT);
    return new Platform(
        "linux",
        switch (arch) {
          case "x86_64", "amd64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          case "i386", "i486", "i586", "i686", "x86" -> "386";
          case "ppc64le", "powerpc64le" -> "ppc64le";
          default -> arch;
        },
        null);
  }

  /** Whether an image built for the other platform is what this one asks for. */
  public boolean accepts(Platform other) {
    return os.equals(other.os)
        && architecture.equals(other.architecture)
        && (variant == null || variant.equals(other.variant));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant == null ? "" : "/" + variant);
  }
}
